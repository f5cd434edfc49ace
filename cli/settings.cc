// nolabel settings [STAGE]: the declarations themselves, for reading.
#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "nolabel/base/error.h"
#include "nolabel/pipeline/declared_settings.h"
#include "nolabel/pipeline/resolved_config.h"

namespace nolabel::cli {
namespace {

struct SettingsOptions {
  std::string config;
  std::vector<std::string> assignments;
};

// What a config and --set come to, and where each value is from.
void resolve(const CommandLine& line, Setup stage, const SettingsOptions& options) {
  const ResolvedConfig resolved = resolve_config(options.config, stage, options.assignments);
  line.print(format("{}: the settings that {} gives with {}\n", setup_name(resolved.stage),
                    options.config, resolved.published ? "--config_exp" : "--config"));
  for (const ResolvedSetting& setting : resolved.settings) {
    line.print(format("  {:<48} {:<28}{}\n", setting.name, setting.value, setting.origin));
  }
  line.result(resolved.values);
}

// The stage that a config can be for.
Setup setup_of_name(const std::string& name) {
  for (const Setup setup : {Setup::simclr, Setup::moco, Setup::scan, Setup::selflabel}) {
    if (setup_name(setup) == name) return setup;
  }
  fail_usage("a config is for simclr, moco, scan or selflabel. Received STAGE {}.", name);
}

nlohmann::json declarations_json(const DeclaredSettings& declared) {
  nlohmann::json list = nlohmann::json::array();
  for (const DeclaredSetting& setting : declared.settings) {
    list.push_back({{"name", setting.name},
                    {"default", setting.default_text},
                    {"help", setting.help},
                    {"range", setting.range},
                    {"changes_result", setting.changes_result}});
  }
  return list;
}

void show_declarations(const CommandLine& line, const std::vector<std::string>& wanted) {
  std::vector<DeclaredSettings> groups;
  for (const std::string& name : wanted.empty() ? declared_groups() : wanted) {
    groups.push_back(declared_settings(name));
  }
  nlohmann::json result = nlohmann::json::object();
  for (const DeclaredSettings& group : groups) {
    line.print(format("{}: {}\n{}\n", group.name, group.about, group.help_text));
    result[group.name] = declarations_json(group);
  }
  line.result(result);
}

}  // namespace

int run_settings(CommandLine& line) {
  std::vector<std::string> wanted;
  SettingsOptions options;
  line.arguments("STAGE", &wanted, 0, declared_groups().size(), "only the settings of these");
  line.options().add(
      "config", &options.config,
      "show the settings that result from this config, and where each value comes from");
  line.repeatable("set", &options.assignments, "key=value, over the config; may be repeated");
  if (!line.parse()) return 0;
  if (!options.config.empty()) {
    if (wanted.size() > 1)
      fail_usage("one STAGE is enough for a config. Received {}.", wanted.size());
    resolve(line, wanted.empty() ? Setup::any : setup_of_name(wanted.front()), options);
    return 0;
  }
  if (!options.assignments.empty()) fail_usage("--set needs --config.");
  show_declarations(line, wanted);
  return 0;
}

}  // namespace nolabel::cli
