// nolabel cluster FOLDER --clusters K: images in, clusters and a report out.
#include <nlohmann/json.hpp>

#include "cli/frame/terminal.h"
#include "cli/mine.h"
#include "cli/run_subject.h"
#include "nolabel/base/duration.h"
#include "nolabel/base/error.h"
#include "nolabel/pipeline/cluster_run.h"
#include "nolabel/pipeline/estimate.h"
#include "nolabel/pipeline/figures.h"

namespace nolabel::cli {
namespace {

struct ClusterOptions {
  int clusters = 0;
  Effort effort = Effort::quick;
  std::string backbone, features, paths;
  int image_size = 0;
};

void declare(Schema& schema, ClusterOptions& options) {
  schema.add("clusters", &options.clusters, {.low = 2, .high = 100000},
             "number of clusters to find; required");
  schema.add("effort", &options.effort,
             {{"quick", Effort::quick}, {"standard", Effort::standard}, {"full", Effort::full}},
             "quick: heads on a frozen backbone, a minute for a thousand images; standard: first "
             "tunes the backbone on these images, a quarter of an hour; full: the published recipe "
             "from nothing, days on a CPU");
  schema.add(
      "backbone", &options.backbone,
      "a weights file, a run directory, `starter` or `photos`; unset: `photos` where most images "
      "are larger than 64 pixels, else the starter (full: none)");
  schema.add(
      "image_size", &options.image_size, {.low = 0, .high = 1024},
      "side of the views in pixels; 0: what the backbone was trained on (at least 64 where "
      "`standard` tunes it on larger images), and from nothing 32 for images that small, else 96");
  schema.add("features", &options.features,
             "cluster these embeddings (.npy, [N,D]) instead of images");
  schema.add("paths", &options.paths, "names of their rows (CSV: path[,label])");
}

nlohmann::json rows_json(const std::vector<ReportMethod>& rows) {
  nlohmann::json json = nlohmann::json::array();
  for (const ReportMethod& row : rows) json.push_back(figures_json(row));
  return json;
}

void print_outcome(const CommandLine& line, const ClusterOutcome& outcome) {
  const auto part = [&line](const char* title, const std::vector<ReportMethod>& rows) {
    if (!rows.empty()) line.print(format("\n{}\n{}\n", title, figures_table(rows)));
  };
  part("Training images", outcome.train);
  part("Test images, not trained on", outcome.validation);
  line.print(format("\nbackbone     {}", outcome.backbone));
  line.print(format("\nassignments  {}\nreport       {}\n", outcome.assignments.string(),
                    outcome.report.string()));
}

}  // namespace

int run_cluster(CommandLine& line) {
  RunOptions options;
  ClusterOptions wanted;
  declare_run(line, options);
  declare(line.options(), wanted);
  declare_run_settings(line, options);
  MineSettings mining;
  declare_search(line.settings(), mining);
  if (!line.parse()) return 0;
  settle_search(mining);
  if (!line.options().is_set("clusters")) {
    fail_usage("--clusters K is required: how many groups to look for.");
  }

  if (!wanted.features.empty()) {
    require_features_alone(line, options);
  } else if (!wanted.paths.empty()) {
    fail_usage("--paths names the rows of --features, which are missing.");
  }

  Environment environment = make_environment(options.device, line.observer());
  environment.force = options.force;
  ClusterRequest request;
  request.data.assign(options.data.begin(), options.data.end());
  request.out = options.out;
  request.clusters = wanted.clusters;
  request.effort = wanted.effort;
  request.backbone = wanted.backbone;
  request.image_size = wanted.image_size;
  request.images = options.images;
  request.features = wanted.features;
  request.paths = wanted.paths;
  request.announce = [&](const std::vector<EffortEstimate>& estimates) {
    std::string text = "estimate on this machine:";
    for (const EffortEstimate& estimate : estimates) {
      text += format(" {} {}{}", estimate.name, duration_text(estimate.seconds),
                     &estimate == &estimates.back() ? "" : ",");
    }
    environment.observer.note(text);
  };
  request.adjust = [&mining](ClusterSettings& settings) {
    mining.neighbors = settings.mine.neighbors;
    mining.validation_neighbors = settings.mine.validation_neighbors;
    settings.mine = mining;
  };
  const ClusterOutcome outcome = cluster(request, environment);
  print_outcome(line, outcome);
  line.result({{"final", outcome.final_stage},
               {"backbone", outcome.backbone},
               {"images", outcome.images},
               {"train", rows_json(outcome.train)},
               {"validation", rows_json(outcome.validation)},
               {"warnings", outcome.warnings},
               {"assignments", outcome.assignments.string()},
               {"report", outcome.report.string()},
               {"seconds", outcome.seconds}});
  return 0;
}

}  // namespace nolabel::cli
