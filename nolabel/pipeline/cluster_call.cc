#include "nolabel/pipeline/cluster_call.h"

#include "nolabel/base/duration.h"
#include "nolabel/base/error.h"
#include "nolabel/pipeline/mine_call.h"
#include "nolabel/pipeline/run_subject.h"

namespace nolabel {
namespace {

void note_estimates(const std::vector<EffortEstimate>& estimates, const Observer& observer) {
  std::string text = "estimate on this machine:";
  for (const EffortEstimate& estimate : estimates) {
    text += format(" {} {}{}", estimate.name, duration_text(estimate.seconds),
                   &estimate == &estimates.back() ? "" : ",");
  }
  observer.note(text);
}

// What the run was clustered with, for settings that the user left alone.
void take_remembered_clustering(SettingTables& tables, const RunState& state) {
  if (state.clusters == 0) return;
  tables.options.suggest("clusters", std::to_string(state.clusters), "run.json");
  tables.options.suggest("effort", state.effort, "run.json");
}

// Images or features, and the backbone: as given, else as the run has them.
void take_subject(SettingTables& tables, ClusterCall& call, const RunState& state,
                  const Environment& environment) {
  ClusterRequest& request = call.request;
  const bool images_given = !call.run.data.empty() || !call.backbone.empty();
  request.features = call.features;
  request.paths = call.paths;
  if (request.features.empty() && !images_given) {
    request.features = state.features;
    if (request.paths.empty()) request.paths = state.paths;
  }
  if (!call.features.empty()) require_features_alone(tables, call.run);
  if (request.features.empty() && !request.paths.empty()) {
    fail_usage("--paths names the rows of --features. Give --features, too.");
  }
  take_remembered_images(tables, call.run, state, environment);
  request.images = call.run.images;
  if (!request.features.empty()) return;
  request.data.assign(call.run.data.begin(), call.run.data.end());
  if (request.data.empty()) request.data = state.data;
  if (request.data.empty()) {
    fail_usage("DATA is required: a folder of images, a list file or a published data set.");
  }
  request.backbone = call.backbone;
  // Only the views that go with the backbone that the run remembers are remembered with it.
  if (request.backbone.empty() && request.effort == Effort::quick) {
    request.backbone = state.backbone.name;
    if (request.image_size == 0) request.image_size = state.backbone.image_size;
    request.normalize = state.backbone.normalize;
  }
}

}  // namespace

void declare(SettingTables& tables, ClusterCall& call) {
  ClusterRequest& request = call.request;
  Schema& options = tables.options;
  declare_run(tables, call.run);
  options.add("clusters", &request.clusters, {.low = 2, .high = 100000},
              "number of clusters to find; required for a new run");
  options.add(
      "effort", &request.effort,
      {{"quick", Effort::quick}, {"standard", Effort::standard}, {"full", Effort::full}},
      "quick: trains heads on a frozen backbone (a minute for a thousand images); "
      "standard: first tunes the backbone on these images, unless ImageNet's labels trained it "
      "(a quarter of an hour); full: trains the published recipe from random weights (days on a "
      "CPU)");
  options.add(
      "backbone", &call.backbone,
      "a weights file, a run directory, `photos` or `starter`; unset: `photos` if most images are "
      "larger than 64 pixels, otherwise `starter` (with --effort full: no backbone)");
  options.add("image_size", &request.image_size, {.low = 0, .high = 1024},
              "side of the views in pixels; 0: the size that the backbone was trained on (at least "
              "64 if --effort standard tunes the backbone on larger images); 0 with --effort full: "
              "32 if all images are that small, otherwise 96");
  options.add("features", &call.features,
              "cluster these embeddings (.npy, [N,D]) instead of images");
  options.add("paths", &call.paths, "names of the rows of --features (CSV: path[,label])");
  for (const char* name : {"backbone", "features", "paths"}) options.path(name);
  declare_run_settings(tables, call.run);
  declare_search(tables.settings, call.mining);
}

ClusterOutcome cluster(SettingTables& tables, ClusterCall& call, const Observer& observer) {
  settle_search(call.mining);
  ClusterRequest& request = call.request;
  OpenRun open(tables, call.run, Opening::make, observer);
  take_remembered_clustering(tables, open.run.state());
  if (request.clusters == 0) {
    fail_usage("--clusters K is required: the number of clusters to find.");
  }
  take_subject(tables, call, open.run.state(), open.environment);
  request.out = open.run.path();
  if (!request.announce) {
    request.announce = [&observer](const std::vector<EffortEstimate>& estimates) {
      note_estimates(estimates, observer);
    };
  }
  request.adjust = [&call, adjust = request.adjust](ClusterSettings& settings) {
    call.mining.neighbors = settings.mine.neighbors;
    call.mining.validation_neighbors = settings.mine.validation_neighbors;
    call.mining.normalization = settings.mine.normalization;
    settings.mine = call.mining;
    if (adjust) adjust(settings);
  };
  open.run.state().precision = call.run.compute.precision;
  return cluster(request, open.run, open.environment);
}

}  // namespace nolabel
