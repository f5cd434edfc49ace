// nolabel repeat CONFIG...: a whole recipe with several seeds, and what it gives on the average.
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cli/frame/command_line.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/pipeline/published_config.h"

namespace nolabel::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct RepeatOptions {
  std::vector<std::string> configs;
  int seeds = 10;  // published: mean and standard deviation of ten runs
  int first_seed = 0;
  std::string out = "repeat", env, data_root, device = "auto", precision = "auto";
  int threads = 0;
};

void declare(Schema& schema, RepeatOptions& options) {
  schema.add("seeds", &options.seeds, {.low = 1, .high = 1000}, "how many runs");
  schema.add("first_seed", &options.first_seed, {.low = 0, .high = 1e6}, "seed of the first one");
  schema.add("out", &options.out, "each run is in a folder seed-N of this one");
  schema.add("config_env", &options.env, "file that says where the data sets are");
  schema.add("data_root", &options.data_root, "folder with the data sets; else NOLABEL_DATA");
  schema.add("device", &options.device, "auto, cpu, cuda or cuda:N");
  schema.add("precision", &options.precision, "auto, fp32, bf16 or fp16");
  schema.add("threads", &options.threads, {.low = 0, .high = 4096}, "processor threads; 0: all");
}

std::vector<std::string> words_of(const RepeatOptions& options, const std::string& config,
                                  const fs::path& run, int seed, const fs::path& result) {
  std::vector<std::string> words;
  const auto add = [&words](const std::string& flag, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {flag, value});
  };
  add("--config_exp", config);
  add("--config_env", options.env);
  add("--data-root", options.data_root);
  add("--out", run.string());
  add("--seed", std::to_string(seed));
  add("--device", options.device);
  add("--precision", options.precision);
  add("--threads", std::to_string(options.threads));
  add("--json", result.string());
  return words;
}

// The figures of a stage's result by name: ACC, NMI, ARI … or the accuracy of neighbors.
std::map<std::string, double> figures_in(const json& result) {
  std::map<std::string, double> figures;
  const json evaluation = result.value("evaluation", json::object());
  for (const char* name : {"ACC", "NMI", "AMI", "ARI", "top5"}) {
    if (evaluation.contains(name) && evaluation[name].is_number()) figures[name] = evaluation[name];
  }
  const json neighbors = result.value("validation_neighbor_accuracy", json::object());
  for (const auto& [k, value] : neighbors.items()) figures["neighbors " + k] = value;
  return figures;
}

struct Spread {
  double mean, deviation;
};

// Of the sample: divided by n - 1.
Spread spread_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() > 1 ? std::sqrt(squares / (n - 1)) : 0};
}

// stage -> figure -> one value per seed, stages in the order of the configs.
using Values = std::vector<std::pair<std::string, std::map<std::string, std::vector<double>>>>;

void show(const CommandLine& line, const RepeatOptions& options, const Values& values) {
  json stages = json::object();
  line.print(format("\n{} seeds, mean ± standard deviation in %\n", options.seeds));
  for (const auto& [stage, figures] : values) {
    std::string row = format("{:<10}", stage);
    for (const auto& [name, of_seeds] : figures) {
      const Spread spread = spread_of(of_seeds);
      row += format("  {} {:.1f} ± {:.1f}", name, spread.mean * 100, spread.deviation * 100);
      stages[stage][name] = {
          {"mean", spread.mean}, {"std", spread.deviation}, {"values", of_seeds}};
    }
    line.print(row + "\n");
  }
  line.result({{"seeds", options.seeds}, {"stages", stages}});
}

}  // namespace

int run_repeat(CommandLine& line) {
  RepeatOptions options;
  line.arguments("CONFIG", &options.configs, 1, 100,
                 "the configs of a recipe in the order of its stages");
  declare(line.options(), options);
  if (!line.parse()) return 0;

  Values values;
  for (const std::string& config : options.configs)
    values.push_back({setup_name(setup_of(config)), {}});
  for (int i = 0; i < options.seeds; ++i) {
    const int seed = options.first_seed + i;
    const fs::path run = fs::path(options.out) / format("seed-{}", seed);
    make_directory(run);
    for (size_t k = 0; k < options.configs.size(); ++k) {
      auto& [stage, figures] = values[k];
      line.observer().note(format("seed {}: {}", seed, stage));
      const fs::path result = run / (stage + ".json");
      line.call(stage, words_of(options, options.configs[k], run, seed, result));
      for (const auto& [name, value] : figures_in(json::parse(read_file(result)))) {
        figures[name].push_back(value);
      }
    }
  }
  show(line, options, values);
  return 0;
}

}  // namespace nolabel::cli
