// nolabel settings [STAGE]: the declarations themselves, for reading.
#include <functional>
#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "nolabel/base/error.h"
#include "nolabel/model/settings.h"
#include "nolabel/pipeline/resolved_config.h"
#include "nolabel/pipeline/settings.h"

namespace nolabel::cli {
namespace {

struct SettingsOptions {
  std::string config;
  std::vector<std::string> assignments;
};

using Visitor = std::function<void(Schema&)>;

// Shows the declarations of `settings`, whose values are the defaults.
template <class Settings>
void show(Settings settings, const Visitor& visit) {
  Schema schema;
  declare(schema, settings);
  visit(schema);
}

struct Stage {
  const char* name;
  const char* about;
  void (*show)(const Visitor&);
};

// A further group of settings is one row. Defaults that depend on the size of the views are those
// for 32 pixels.
constexpr Stage stages[] = {
    {"data", "the images", [](const Visitor& visit) { show(DataSettings{}, visit); }},
    {"simclr", "the pretext stage",
     [](const Visitor& visit) { show(published_pretext(32), visit); }},
    {"network", "the network that simclr trains",
     [](const Visitor& visit) { show(NetworkSettings{}, visit); }},
    {"moco", "an imported pretext model",
     [](const Visitor& visit) {
       Schema schema;
       MineSettings mining{.neighbors = published_moco_neighbors};
       ViewSettings views;
       declare(schema, mining);
       declare_evaluation(schema, views);
       visit(schema);
     }},
    {"mine", "the nearest neighbors", [](const Visitor& visit) { show(MineSettings{}, visit); }},
    {"scan", "the SCAN stage",
     [](const Visitor& visit) {
       Schema schema;
       int clusters = 0;
       ScanStageSettings settings = published_scan(32);
       declare_cluster_count(schema, clusters);
       declare(schema, settings);
       visit(schema);
     }},
    {"selflabel", "the self-labelling stage",
     [](const Visitor& visit) { show(published_selflabel(32), visit); }},
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

nlohmann::json to_json(const Schema& schema) {
  nlohmann::json list = nlohmann::json::array();
  for (const Setting& setting : schema.settings()) {
    list.push_back({{"name", setting.name},
                    {"default", setting.default_text},
                    {"help", setting.help},
                    {"range", schema.range(setting)},
                    {"changes_result", setting.effect == Effect::result}});
  }
  return list;
}

const Stage& find_stage(const std::string& name) {
  std::vector<std::string> names;
  std::string listed;
  for (const Stage& stage : stages) {
    if (stage.name == name) return stage;
    names.emplace_back(stage.name);
    listed += (listed.empty() ? "" : ", ") + names.back();
  }
  const auto nearest = nearest_name(name, names);
  fail_usage("STAGE must be one of {}. Received {}{}", listed, name,
             nearest ? ". Did you mean " + *nearest + "?" : std::string("."));
}

}  // namespace

int run_settings(CommandLine& line) {
  std::vector<std::string> wanted;
  SettingsOptions options;
  line.arguments("STAGE", &wanted, 0, std::size(stages), "only the settings of these");
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
  std::vector<const Stage*> shown;
  for (const std::string& name : wanted) shown.push_back(&find_stage(name));
  if (wanted.empty()) {
    for (const Stage& stage : stages) shown.push_back(&stage);
  }
  nlohmann::json result = nlohmann::json::object();
  for (const Stage* stage : shown) {
    stage->show([&](const Schema& schema) {
      line.print(format("{}: {}\n{}\n", stage->name, stage->about, schema.help_text()));
      result[stage->name] = to_json(schema);
    });
  }
  line.result(result);
  return 0;
}

}  // namespace nolabel::cli
