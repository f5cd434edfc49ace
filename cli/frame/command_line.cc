#include "cli/frame/command_line.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/frame/flags.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/output_place.h"
#include "nolabel/record/json_text.h"

namespace nolabel::cli {

CommandLine::CommandLine(const Command& command, std::vector<std::string> words, CancelToken cancel)
    : command_(command), words_(std::move(words)), cancel_(std::move(cancel)) {
  common_.add("quiet", &common_values_.quiet, "print only results, warnings and errors",
              Effect::none);
  common_.add("json", &common_values_.json,
              "write the result as one JSON object to this file; - is stdout", Effect::none);
  common_.add("time_limit", &common_values_.time_limit,
              "stop after this long (90m, 2h, 3600), with a checkpoint and exit code 75",
              Effect::none);
}

CommandLine::~CommandLine() = default;

void CommandLine::argument(std::string name, std::string* value, std::string help) {
  arguments_.push_back({std::move(name), 1, 1, std::move(help),
                        [value](std::vector<std::string> words) { *value = words.front(); }});
}

void CommandLine::arguments(std::string name, std::vector<std::string>* values, size_t at_least,
                            size_t at_most, std::string help) {
  arguments_.push_back({std::move(name), at_least, at_most, std::move(help),
                        [values](std::vector<std::string> words) { *values = std::move(words); }});
}

void CommandLine::repeatable(std::string name, std::vector<std::string>* values, std::string help) {
  repeatables_.push_back({std::move(name), std::move(help), values});
}

bool CommandLine::parse() {
  const std::array schemas{&tables_.options, &tables_.settings, &common_};
  const bool takes_config = !tables_.settings.settings().empty();
  ParsedWords parsed = parse_words(words_, schemas, repeatables_, takes_config);
  if (parsed.help) {
    print(help());
    return false;
  }
  if (!parsed.environments.empty() && tables_.places.settings().empty()) {
    fail_usage("{} does not take --config_env. Name the run directory with --out.", command_.name);
  }
  for (const std::string& path : parsed.environments) tables_.places.load_yaml(path);
  tables_.published = !parsed.experiments.empty();
  for (const std::string& path : parsed.experiments) tables_.settings.load_yaml(path);
  for (const std::string& path : parsed.configs) tables_.settings.load_yaml(path);
  for (const std::string& text : parsed.assignments) tables_.settings.set_assignment(text, "--set");
  for (const auto& flag : parsed.flags) {
    flag.schema->set(flag.setting, flag.value, flag.spelling);
  }
  tables_.settle();
  common_.check();
  store_arguments(std::move(parsed.arguments));
  if (const std::string& json = common_values_.json; !json.empty() && json != "-") {
    check_output(json, MissingFolders::made);  // often the run's, which the command makes
  }
  if (!common_values_.time_limit.empty()) {
    time_limit_ = std::make_unique<TimeLimit>(parse_duration(common_values_.time_limit), cancel_);
  }
  terminal_ = std::make_unique<Terminal>(std::string(command_.name), common_values_.quiet);
  return true;
}

// Each argument takes as many words as it may while those after it still get what they need.
void CommandLine::store_arguments(std::vector<std::string> words) {
  size_t needed = 0;
  for (const Argument& argument : arguments_) needed += argument.at_least;
  auto next = words.begin();
  for (const Argument& argument : arguments_) {
    const auto left = static_cast<size_t>(words.end() - next);
    if (left < argument.at_least) {
      fail_usage("{} is required ({}).", argument.name, argument.help);
    }
    needed -= argument.at_least;
    const size_t more = left - argument.at_least > needed ? left - argument.at_least - needed : 0;
    const auto count =
        static_cast<std::ptrdiff_t>(std::min(argument.at_most, argument.at_least + more));
    argument.store({next, next + count});
    next += count;
  }
  if (next == words.end()) return;
  fail_usage("unexpected argument {}.", *next);
}

Observer CommandLine::observer() {
  Observer observer;
  Terminal* terminal = terminal_.get();
  NOLABEL_ASSERT(terminal != nullptr);
  observer.log = [terminal](Severity severity, const std::string& text) {
    terminal->log(severity, text);
  };
  observer.progress = [terminal](const Progress& progress) { terminal->progress(progress); };
  observer.cancel = cancel_;
  return observer;
}

void CommandLine::print(std::string_view text) const {
  if (json_on_stdout()) return;
  if (terminal_) terminal_->end_line();
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(
      stdout);  // whoever reads a pipe sees a result when it is there; errors show at the end
}

void CommandLine::result(const nlohmann::json& result) const {
  if (common_values_.json.empty()) return;
  const std::string text = json_text(result, 2) + "\n";
  if (const std::filesystem::path file = common_values_.json; file != "-") {
    if (file.has_parent_path()) make_directory(file.parent_path());
    return write_file(file, text);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

std::string CommandLine::text() const {
  std::string text(command_.name);
  for (const std::string& word : words_) text += " " + word;
  return text;
}

std::string CommandLine::help() const {
  std::string usage, arguments;
  for (const Argument& argument : arguments_) {
    const std::string many = argument.at_most > 1 ? "…" : "";
    usage += format(argument.at_least > 0 ? " {}{}" : " [{}{}]", argument.name, many);
    arguments += format("  {}  {}\n", argument.name, argument.help);
  }
  std::string text = format("nolabel {}: {}\n\n", command_.name, command_.purpose);
  text += format("  nolabel {}{} [flags]\n  {}\n", command_.name, usage, command_.example);
  if (!arguments.empty()) text += "\nArguments\n" + arguments;
  if (!tables_.options.settings().empty()) {
    text += "\nFlags\n" + tables_.options.help_text(Schema::Names::flags);
    for (const RepeatableFlag& flag : repeatables_) {
      text += format("  --{}  {}\n", flag.name, flag.help);
    }
  }
  if (!tables_.settings.settings().empty()) {
    text +=
        "\nSettings: give them in --config FILE (YAML), with --set key=value, or with --key "
        "value\n(--set overrides FILE, and --key overrides both)\n" +
        tables_.settings.help_text();
    if (!tables_.places.settings().empty()) {
      text +=
          "\n--config_exp FILE reads a config of the published program and keeps that program's "
          "behaviour.\n--config_env FILE (YAML) names the folders for results and data sets:\n" +
          tables_.places.help_text();
    }
  }
  return text + "\nCommon flags\n" + common_.help_text(Schema::Names::flags);
}

}  // namespace nolabel::cli
