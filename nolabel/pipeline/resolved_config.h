// Resolves a config: every setting of its stage, as a run with this config uses it.
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

// Resolves the settings of `stage`, or of the file's own stage if `stage` is any. `assignments`
// are key=value and override the file. Throws Error(Fault::usage), with the place, where the
// command of the stage would throw.
ResolvedConfig resolve_config(const std::filesystem::path& file, Setup stage,
                              const std::vector<std::string>& assignments);

}  // namespace nolabel
