// What a config comes to: every setting of its stage as a run with that config would use it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nolabel/pipeline/published_config.h"

namespace nolabel {

struct ResolvedSetting {
  std::string name, value;
  std::string origin;  // "default", "published", "configs/my.yml:12", "--set", "train_db_name …"
};

struct ResolvedConfig {
  Setup stage = Setup::any;
  // As --config_exp takes it: a config that names its `setup` is one of the published program's.
  bool published = false;
  std::vector<ResolvedSetting> settings;
  nlohmann::json values;  // nested as YAML is
};

// Of the file's own stage, unless `stage` names one. `assignments` are key=value, over the file.
// Throws Error(Fault::usage), with the place, where the stage's command would.
ResolvedConfig resolve_config(const std::filesystem::path& file, Setup stage,
                              const std::vector<std::string>& assignments);

}  // namespace nolabel
