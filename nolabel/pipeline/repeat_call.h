// Runs a whole recipe with several seeds, as one call, and gives mean and standard deviation of its
// figures.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "nolabel/pipeline/run_request.h"

namespace nolabel {

struct RepeatRequest {
  std::vector<std::string> configs;  // of the recipe's stages, in their order
  std::vector<std::string> data;     // images; empty: the data set of the configs
  std::string backbone;              // that the recipe begins with; empty: its own pretext model
  std::string features, paths;       // embeddings instead of images
  std::vector<std::string> assignments;  // key=value, over every config that knows the key
  std::string env, data_root;            // where the data sets are
  std::string out = "repeat";            // each run is in a folder seed-N of this one
  int seeds = 10;                        // published: ten runs
  int first_seed = 0;
  bool force = false;
  ComputeSettings compute;
};
void declare(SettingTables& tables, RepeatRequest& request);

// Figures of one stage: by name (ACC, NMI …, "neighbors 5") one value per seed, fractions.
struct RepeatedStage {
  std::string stage;
  std::map<std::string, std::vector<double>> figures;
};
struct RepeatOutcome {
  int seeds = 0;  // that are finished
  std::vector<RepeatedStage> stages;
};
nlohmann::json repeat_json(const RepeatOutcome& outcome);

struct Spread {
  double mean = 0, deviation = 0;  // of the sample: divided by n - 1
};
Spread spread_of(const std::vector<double>& values);

// Calls `finished` with the outcome after each seed; out/repeat.json then holds the same outcome. A
// call that is stopped keeps finished seeds and stages, and the same call continues after them. A
// recipe that begins with SCAN mines its neighbors first. Throws Error as the stages do.
RepeatOutcome repeat(SettingTables& tables, const RepeatRequest& request,
                     const std::function<void(const RepeatOutcome&)>& finished,
                     const Observer& observer);

}  // namespace nolabel
