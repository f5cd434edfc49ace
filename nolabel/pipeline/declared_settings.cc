#include "nolabel/pipeline/declared_settings.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "nolabel/base/error.h"
#include "nolabel/model/settings.h"
#include "nolabel/pipeline/settings.h"

namespace nolabel {
namespace {

using Visitor = std::function<void(Schema&)>;

// Calls `visit` with the declarations of `settings`, whose values are the defaults.
template <class Settings>
void visit_settings(Settings settings, const Visitor& visit) {
  Schema schema;
  declare(schema, settings);
  visit(schema);
}

struct SettingGroup {
  const char *name, *about;
  void (*visit)(const Visitor&);
};

constexpr SettingGroup groups[] = {
    {"data", "the images", [](const Visitor& visit) { visit_settings(DataSettings{}, visit); }},
    {"simclr", "the pretext stage",
     [](const Visitor& visit) { visit_settings(published_pretext(32), visit); }},
    {"network", "the network that simclr trains",
     [](const Visitor& visit) { visit_settings(NetworkSettings{}, visit); }},
    {"moco", "an imported pretext model",
     [](const Visitor& visit) {
       Schema schema;
       MineSettings mining{.neighbors = published_moco_neighbors};
       ViewSettings views;
       declare(schema, mining);
       declare_evaluation(schema, views);
       visit(schema);
     }},
    {"mine", "the nearest neighbors",
     [](const Visitor& visit) { visit_settings(MineSettings{}, visit); }},
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
     [](const Visitor& visit) { visit_settings(published_selflabel(32), visit); }},
};

const SettingGroup& find_group(const std::string& name) {
  const auto found =
      std::ranges::find_if(groups, [&](const SettingGroup& group) { return group.name == name; });
  if (found != std::end(groups)) return *found;
  const std::vector<std::string> names = declared_groups();
  std::string listed;
  for (const std::string& known : names) listed += (listed.empty() ? "" : ", ") + known;
  const auto nearest = nearest_name(name, names);
  fail_usage("STAGE must be one of {}. Received {}{}", listed, name,
             nearest ? ". Did you mean " + *nearest + "?" : std::string("."));
}

}  // namespace

std::vector<std::string> declared_groups() {
  std::vector<std::string> names;
  for (const SettingGroup& group : groups) names.emplace_back(group.name);
  return names;
}

DeclaredSettings declared_settings(const std::string& name) {
  const SettingGroup& group = find_group(name);
  DeclaredSettings declared{.name = name, .about = group.about, .settings = {}, .help_text = {}};
  group.visit([&](const Schema& schema) {
    declared.help_text = schema.help_text();
    for (const Setting& setting : schema.settings()) {
      declared.settings.push_back({.name = setting.name,
                                   .default_text = setting.default_text,
                                   .help = setting.help,
                                   .range = schema.range(setting),
                                   .changes_result = setting.effect == Effect::result});
    }
  });
  return declared;
}

}  // namespace nolabel
