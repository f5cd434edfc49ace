#include "cli/frame/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <list>
#include <set>

#include "nolabel/base/error.h"

namespace nolabel::cli {
namespace {

struct DeclaredFlag {
  ParsedWords::Flag flag;
  CLI::Option* option;
};

// "--batch-size,--batch_size"
std::string spellings(const Setting& setting) {
  const std::string dashes = flag_name(setting.name);
  const std::string underscores = "--" + setting.name;
  return dashes == underscores ? dashes : dashes + "," + underscores;
}

bool is_switch(const Setting& setting) {
  const auto* target = std::get_if<Setting::Target>(&setting.value);
  return target && std::holds_alternative<bool*>(*target);
}

// The list keeps each value where CLI11 writes it.
void declare_flags(CLI::App& app, Schema& schema, std::list<DeclaredFlag>& flags) {
  for (const Setting& setting : schema.settings()) {
    const std::string name = flag_name(setting.name);
    if (app.get_option_no_throw(name)) continue;  // a config's key that means something else here
    DeclaredFlag& declared = flags.emplace_back();
    declared.flag = {&schema, setting.name, "", name};
    // A switch alone means true; --switch=false turns it off.
    declared.option = is_switch(setting) ? app.add_flag(spellings(setting), declared.flag.value)
                                         : app.add_option(spellings(setting), declared.flag.value);
  }
}

CLI::Option* add_repeatable(CLI::App& app, const std::string& names,
                            std::vector<std::string>& values) {
  return app.add_option(names, values)->allow_extra_args(false);
}

// `--switch true` as people write it after YAML's `switch: true`, in CLI11's form `--switch=true`:
// otherwise `true` would be taken for a folder of images.
std::vector<std::string> with_values_of_switches(const std::vector<std::string>& words,
                                                 std::span<Schema* const> schemas) {
  std::set<std::string> switches;
  for (const Schema* schema : schemas) {
    for (const Setting& setting : schema->settings()) {
      if (is_switch(setting)) switches.insert({flag_name(setting.name), "--" + setting.name});
    }
  }
  std::vector<std::string> joined;
  for (const std::string& word : words) {
    const bool is_value =
        (word == "true" || word == "false") && !joined.empty() && switches.contains(joined.back());
    if (is_value) {
      joined.back() += "=" + word;
    } else {
      joined.push_back(word);
    }
  }
  return joined;
}

[[noreturn]] void fail_unknown_flag(const std::string& word, const CLI::App& app) {
  const std::string flag = word.substr(0, word.find('='));
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back(name);
  }
  const size_t letters = std::min(flag.find_first_not_of('-'), flag.size());
  const auto nearest = nearest_name(flag.substr(letters), known);
  fail_usage("unknown flag {}{}", flag, nearest ? ". Did you mean --" + *nearest + "?" : ".");
}

void run_cli11(CLI::App& app, const std::vector<std::string>& words) {
  try {
    // CLI11 takes a vector from its end.
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    std::string text = error.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    fail_usage("{}", text);
  }
}

}  // namespace

ParsedWords parse_words(const std::vector<std::string>& words, std::span<Schema* const> schemas,
                        std::span<const RepeatableFlag> repeatables, bool takes_config) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  ParsedWords parsed;
  app.add_flag("-h,--help", parsed.help);
  if (takes_config) {
    add_repeatable(app, "--config_env,--config-env", parsed.environments);
    add_repeatable(app, "--config_exp,--config-exp", parsed.experiments);
    add_repeatable(app, "--config", parsed.configs);
    add_repeatable(app, "--set", parsed.assignments);
  }
  for (const RepeatableFlag& flag : repeatables) {
    add_repeatable(app, "--" + flag.name, *flag.values);
  }
  std::list<DeclaredFlag> flags;
  for (Schema* schema : schemas) declare_flags(app, *schema, flags);

  // After "--" nothing is a flag.
  const auto dashes = std::find(words.begin(), words.end(), "--");
  run_cli11(app, with_values_of_switches({words.begin(), dashes}, schemas));
  for (const std::string& word : app.remaining()) {
    if (word.size() > 1 && word.starts_with('-')) fail_unknown_flag(word, app);
    parsed.arguments.push_back(word);
  }
  if (dashes != words.end())
    parsed.arguments.insert(parsed.arguments.end(), dashes + 1, words.end());
  for (const DeclaredFlag& declared : flags) {
    if (declared.option->count() > 0) parsed.flags.push_back(declared.flag);
  }
  return parsed;
}

}  // namespace nolabel::cli
