#include "nolabel/pipeline/repeat_call.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/mine_call.h"
#include "nolabel/pipeline/moco_call.h"
#include "nolabel/pipeline/scan_call.h"
#include "nolabel/pipeline/simclr_call.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using Figures = std::map<std::string, double>;

// One seed of the recipe, in a run directory of its own.
class Seed {
 public:
  Seed(const SettingTables& given, const RepeatRequest& request, int seed, const Observer& observer)
      : given_(given),
        request_(request),
        run_(fs::path(request.out) / format("seed-{}", seed)),
        seed_(std::to_string(seed)),
        recipe_mines_(setup_of(request.configs.front()) == Setup::simclr ||
                      setup_of(request.configs.front()) == Setup::moco),
        observer_(observer) {}

  Figures run(Setup stage, const std::string& config) const {
    switch (stage) {
      case Setup::simclr:
        return run_simclr(config);
      case Setup::moco:
        return run_moco(config);
      case Setup::scan:
        return run_scan(config);
      case Setup::selflabel:
        return run_selflabel(config);
      case Setup::any:
        break;
    }
    NOLABEL_ASSERT(false);
    return {};
  }

 private:
  // The tables of a stage as its command would fill them.
  template <class Request>
  void fill(SettingTables& tables, Request& request, const std::string& config) const {
    tables.published = true;
    request.run.data = request_.data;
    declare(tables, request);
    if (!request_.env.empty()) tables.places.load_yaml(request_.env);
    tables.settings.load_yaml(config);
    for (const std::string& assignment : request_.assignments) {
      tables.settings.set_assignment(assignment, "--set");
    }
    tables.options.set("out", run_.string(), "--out");
    if (request_.force) tables.options.set("force", "true", "--force");
    if (!request_.data_root.empty()) {
      tables.options.set("data_root", request_.data_root, "--data-root");
    }
    tables.settings.set("seed", seed_, "--seeds");
    for (const char* name : {"device", "precision", "threads"}) {
      if (!given_.options.is_set(name)) continue;
      tables.settings.set(name, given_.options.text(*given_.options.find(name)), name);
    }
  }

  template <class Request>
  void fill_subject(SettingTables& tables, Request& request, const std::string& config) const {
    fill(tables, request, config);
    for (const auto& [name, value] :
         {std::pair("backbone", &request_.backbone), std::pair("features", &request_.features),
          std::pair("paths", &request_.paths)}) {
      if (!value->empty()) tables.options.set(name, *value, flag_name(name));
    }
    tables.settle();
  }

  Figures run_simclr(const std::string& config) const {
    if (!request_.backbone.empty() || !request_.features.empty()) {
      fail_usage(
          "{} trains a backbone, but --backbone or --features replaces this stage. Leave out the "
          "config or the flag.",
          config);
    }
    SettingTables tables;
    SimclrRequest request;
    fill(tables, request, config);
    tables.settle();
    const SimclrOutcome outcome = simclr(tables, request, observer_);
    return outcome.mined ? neighbors(*outcome.mined) : Figures();
  }

  Figures run_moco(const std::string& config) const {
    SettingTables tables;
    MocoRequest request;
    fill(tables, request, config);
    tables.settle();
    request.file = request_.backbone;
    return neighbors(moco(tables, request, observer_).mined);
  }

  Figures run_scan(const std::string& config) const {
    // Tables of another backbone may lie there; mining keeps those that are current.
    if (!recipe_mines_) mine_for(config);
    SettingTables tables;
    ScanRequest request;
    fill_subject(tables, request, config);
    return evaluation(scan(tables, request, observer_));
  }

  // As many neighbors as the config draws from.
  void mine_for(const std::string& config) const {
    SettingTables tables;
    MineRequest request;
    fill_subject(tables, request, config);
    ScanRequest scan_request;
    SettingTables scan_tables;
    fill_subject(scan_tables, scan_request, config);
    request.settings.neighbors =
        std::max(request.settings.neighbors, scan_request.settings.scan.neighbors);
    mine(tables, request, observer_);
  }

  Figures run_selflabel(const std::string& config) const {
    SettingTables tables;
    SelflabelRequest request;
    fill_subject(tables, request, config);
    return evaluation(selflabel(tables, request, observer_));
  }

  static Figures neighbors(const MineOutcome& outcome) {
    Figures figures;
    for (const auto& [k, value] : outcome.tables.validation_accuracy) {
      figures[format("neighbors {}", k)] = value;
    }
    return figures;
  }

  static Figures evaluation(const ClusterStageOutcome& outcome) {
    Figures figures;
    if (!outcome.evaluation || !outcome.evaluation->figures.labels) return figures;
    const LabelEvaluation& labels = *outcome.evaluation->figures.labels;
    return {{"ACC", labels.acc},
            {"NMI", labels.nmi},
            {"AMI", labels.ami},
            {"ARI", labels.ari},
            {"top5", labels.top5}};
  }

  const SettingTables& given_;
  const RepeatRequest& request_;
  const fs::path run_;
  const std::string seed_;
  const bool recipe_mines_;  // its first stage leaves neighbor tables
  const Observer& observer_;
};

// Every stage of every seed differs from the published program in the same way: that is noted once.
Observer deviations_once(const Observer& observer) {
  Observer once = observer;
  if (!observer.log) return once;
  const auto noted = std::make_shared<std::set<std::string>>();
  once.log = [log = observer.log, noted](Severity severity, const std::string& text) {
    if (text.starts_with(deviation_begins) && !noted->insert(text).second) return;
    log(severity, text);
  };
  return once;
}

}  // namespace

void declare(SettingTables& tables, RepeatRequest& request) {
  Schema& schema = tables.options;
  schema.add("seeds", &request.seeds, {.low = 1, .high = 1000}, "how many runs");
  schema.add("first_seed", &request.first_seed, {.low = 0, .high = 1e6}, "seed of the first one");
  schema.add("out", &request.out, "folder for the runs; each run gets a subfolder seed-N");
  schema.add("force", &request.force, "replace runs that were made with other settings");
  schema.add(
      "backbone", &request.backbone,
      "a name, a weights file or a run directory that the recipe begins with, as for `mine`");
  schema.add("features", &request.features,
             "work on these embeddings (.npy, [N,D]) instead of images");
  schema.add("paths", &request.paths, "names of the rows of --features (CSV: path[,label])");
  schema.add("config_env", &request.env, "file that says where the data sets are");
  schema.add("data_root", &request.data_root,
             "folder that holds the data sets, directly or in subfolders with their names; unset: "
             "NOLABEL_DATA");
  schema.add("device", &request.compute.device, "auto, cpu, cuda or cuda:N");
  schema.add("precision", &request.compute.precision, "auto, fp32, bf16 or fp16");
  schema.add("threads", &request.compute.threads, {.low = 0, .high = 4096},
             "processor threads; 0: all");
}

Spread spread_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() > 1 ? std::sqrt(squares / (n - 1)) : 0};
}

nlohmann::json repeat_json(const RepeatOutcome& outcome) {
  nlohmann::json stages = nlohmann::json::object();
  for (const RepeatedStage& stage : outcome.stages) {
    for (const auto& [name, values] : stage.figures) {
      const Spread spread = spread_of(values);
      stages[stage.stage][name] = {
          {"mean", spread.mean}, {"std", spread.deviation}, {"values", values}};
    }
  }
  return {{"seeds", outcome.seeds}, {"stages", stages}};
}

RepeatOutcome repeat(SettingTables& tables, const RepeatRequest& request,
                     const std::function<void(const RepeatOutcome&)>& finished,
                     const Observer& told) {
  const Observer observer = deviations_once(told);
  std::vector<Setup> setups;
  RepeatOutcome outcome;
  for (const std::string& config : request.configs) {
    setups.push_back(setup_of(config));
    outcome.stages.push_back({setup_name(setups.back()), {}});
  }
  for (int i = 0; i < request.seeds; ++i) {
    const Seed seed(tables, request, request.first_seed + i, observer);
    std::vector<Figures> figures;  // complete before any of them counts
    for (size_t k = 0; k < setups.size(); ++k) {
      observer.note(format("seed {}: {}", request.first_seed + i, outcome.stages[k].stage));
      figures.push_back(seed.run(setups[k], request.configs[k]));
    }
    for (size_t k = 0; k < setups.size(); ++k) {
      for (const auto& [name, value] : figures[k]) {
        outcome.stages[k].figures[name].push_back(value);
      }
    }
    outcome.seeds = i + 1;
    write_file(fs::path(request.out) / "repeat.json", repeat_json(outcome).dump(2) + "\n");
    if (finished) finished(outcome);
  }
  return outcome;
}

}  // namespace nolabel
