// nolabel zoo list|get|verify|describe: weights that nolabel trained, known by name.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "nolabel/base/error.h"
#include "nolabel/zoo/get.h"
#include "nolabel/zoo/table.h"
#include "nolabel/zoo/zoo_call.h"

namespace nolabel::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct ZooOptions {
  std::string action;
  bool markdown = false;
  ZooRequest request;
};

void list(CommandLine& line, const ZooOptions& options) {
  const ZooManifest manifest = zoo_manifest(options.request);
  line.print(options.markdown ? zoo_markdown(manifest) : zoo_table(manifest));
  json entries = json::array();
  for (const ZooEntry& entry : manifest.entries) {
    entries.push_back(entry.json);
    entries.back()["shipped"] = is_shipped(manifest, entry);
  }
  line.result({{"manifest", manifest.file.string()}, {"entries", entries}});
}

void get(CommandLine& line, const ZooOptions& options) {
  json files = json::array();
  for (const ZooFileGot& got : get_zoo_files(options.request, line.observer())) {
    line.print(format("{}: {}\n", got.file.string(), got.summary));
    files.push_back({{"name", got.name},
                     {"file", got.file.string()},
                     {"bytes", got.bytes},
                     {"sha256", got.sha256}});
  }
  line.result({{"files", files}});
}

const char* word(ZooCheck::Result result) {
  switch (result) {
    case ZooCheck::Result::passed:
      return "ok";
    case ZooCheck::Result::failed:
      return "WRONG";
    case ZooCheck::Result::not_judged:
      break;
  }
  return "-";
}

json verdict_json(const ZooVerdict& verdict) {
  json checks = json::array();
  for (const ZooCheck& check : verdict.checks) {
    checks.push_back(
        {{"check", check.what}, {"result", word(check.result)}, {"detail", check.detail}});
  }
  return {{"name", verdict.name},
          {"passed", verdict.passed()},
          {"checks", checks},
          {"measured", verdict.measured}};
}

void verify(CommandLine& line, const ZooOptions& options) {
  const auto print = [&](const ZooVerdict& verdict) {
    line.print(verdict.name + "\n");
    for (const ZooCheck& check : verdict.checks) {
      line.print(format("  {:<9} {:<6} {}\n", check.what, word(check.result), check.detail));
    }
  };
  json results = json::array();
  std::string wrong;
  for (const ZooVerdict& verdict : verify_zoo(options.request, line.observer(), print)) {
    results.push_back(verdict_json(verdict));
    if (!verdict.passed()) wrong += (wrong.empty() ? "" : ", ") + verdict.asked;
  }
  line.result({{"entries", results}});
  if (!wrong.empty()) fail_data("every entry must be as the zoo lists it. Wrong: {}.", wrong);
}

void describe_files(CommandLine& line, const ZooOptions& options) {
  const Environment environment = make_environment(options.request.device, line.observer());
  json files = json::array();
  for (const std::string& file : options.request.names) {
    files.push_back(describe_zoo_file(file, options.request.data, environment));
    line.print(format("{}: {}\n", file, network_text(files.back()["network"])));
    if (files.back().contains("metrics")) {
      line.print(format("  {}\n", figures_text(files.back()["metrics"])));
    }
  }
  line.result({{"files", files}});
}

// What each action takes.
struct Action {
  const char* name;
  size_t least, most;  // NAMEs
  std::vector<std::string> flags;
};

const std::vector<Action>& actions() {
  static const std::vector<Action> table{
      {"list", 0, 0, {"markdown", "manifest"}},
      {"get", 1, 1000, {"out", "force", "from", "manifest"}},
      {"verify", 0, 1000, {"from", "data", "manifest"}},
      {"describe", 1, 1000, {"data"}},
  };
  return table;
}

void check(const Schema& schema, const ZooOptions& options) {
  const auto action = std::ranges::find(actions(), options.action, &Action::name);
  if (action == actions().end()) {
    std::vector<std::string> names;
    for (const Action& known : actions()) names.emplace_back(known.name);
    const auto nearest = nearest_name(options.action, names);
    fail_usage("ACTION must be list, get, verify or describe. Received {}.{}", options.action,
               nearest ? " Did you mean " + *nearest + "?" : "");
  }
  const size_t count = options.request.names.size();
  if (count > action->most) {
    fail_usage("zoo list takes no NAME. Received {}.", options.request.names.front());
  }
  if (count < action->least) {
    fail_usage("zoo {} requires {}.", options.action,
               options.action == "get" ? "the NAME of an entry; `nolabel zoo list` shows them"
                                       : "a weights FILE");
  }
  for (const char* flag : {"out", "force", "from", "data", "markdown", "manifest"}) {
    if (schema.is_set(flag) && std::ranges::find(action->flags, flag) == action->flags.end()) {
      fail_usage("{} means nothing to zoo {}.", flag_name(flag), options.action);
    }
  }
  if (!options.request.data.empty() && !fs::exists(options.request.data)) {
    fail_usage("--data must be a folder or list file. {} does not exist.", options.request.data);
  }
}

}  // namespace

int run_zoo(CommandLine& line) {
  ZooOptions options;
  line.argument("ACTION", &options.action, "list, get, verify or describe");
  line.arguments("NAME", &options.request.names, 0, 1000,
                 "get: entries; verify: entries and files, all entries if none is named; describe: "
                 "weights files");
  declare(line.options(), options.request);
  line.options().add("markdown", &options.markdown, "list: as docs/model-zoo.md has it");
  if (!line.parse()) return 0;
  check(line.options(), options);
  if (options.action == "list") {
    list(line, options);
  } else if (options.action == "get") {
    get(line, options);
  } else if (options.action == "verify") {
    verify(line, options);
  } else {
    describe_files(line, options);
  }
  return 0;
}

}  // namespace nolabel::cli
