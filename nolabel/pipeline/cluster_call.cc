#include "nolabel/pipeline/cluster_call.h"

#include "nolabel/base/error.h"
#include "nolabel/data/own_folder.h"
#include "nolabel/pipeline/cluster_run.h"
#include "nolabel/pipeline/mine_call.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

// What the run was clustered with, for settings that the user left alone.
void take_remembered_clustering(SettingTables& tables, const RunState& state) {
  if (state.clusters == 0) return;
  // With --force an estimate is made again, as the rest is.
  const bool estimated_again = state.cluster_range && tables.options.is_set("force");
  if (!estimated_again) {
    tables.options.suggest("clusters", std::to_string(state.clusters), "run.json");
  }
  tables.options.suggest("effort", state.effort, "run.json");
  if (!state.method.empty()) tables.options.suggest("method", state.method, "run.json");
}

// Features: those that are given, or those that the run was made of when nothing else is.
void settle_features(const SettingTables& tables, ClusterRequest& request, const RunState& state) {
  SubjectRequest& subject = request.subject;
  if (subject.features.empty() && request.run.data.empty() && subject.backbone.empty()) {
    subject.features = state.features.string();
    if (subject.paths.empty()) subject.paths = state.paths.string();
  }
  if (subject.features.empty() && !subject.paths.empty()) {
    fail_usage("--paths names the rows of --features. Give --features, too.");
  }
  if (subject.features.empty()) return;
  require_features_alone(tables, request.run);
  if (request.effort != Effort::quick) {
    fail_usage("effort must be quick for features: there is no backbone to train. Received {}.",
               effort_name(request.effort));
  }
}

// `cluster RUN`: the images are those of the run.
void take_run_as_data(const SettingTables& tables, ClusterRequest& request) {
  RunRequest& run = request.run;
  if (run.data.size() != 1 || own_folder(run.data[0]) != OwnFolder::run) return;
  if (tables.options.is_set("out")) {
    std::error_code none;  // what does not exist is another folder
    if (!fs::equivalent(run.data[0], run.out, none)) {
      fail_usage(
          "--out must be left out where DATA is a run directory, which is clustered again. "
          "Received {} for DATA and {} for --out.",
          run.data[0], run.out);
    }
  }
  run.out = run.data[0];
  run.data.clear();
  request.again = true;
}

// Refuses before any work what a stage would refuse after it, and in the words of this command:
// from another number of clusters or effort follow many settings of the stages.
void check_same_clustering(const ClusterRequest& request, const RunDirectory& run,
                           const Environment& environment) {
  const RunState& was = run.state();
  if (was.clusters == 0 || environment.force) return;
  if (!was.assigned_data.empty() && !request.again) {
    fail_usage(
        "{0} was updated with images that its clusters were not found from. Run `nolabel update "
        "{0} --retrain` to find them from all images.",
        run.path().string());
  }
  std::string changed;
  std::string instead = "Use --force to cluster it again";
  if (was.clusters != request.clusters && !request.again) {
    changed = format("clusters was {}, is {}", was.clusters, request.clusters);
    instead = format("Run `nolabel cluster {} --clusters {}` to group its images anew",
                     run.path().string(), request.clusters);
  } else if (was.effort != effort_name(request.effort)) {
    changed = format("effort was {}, is {}", was.effort, effort_name(request.effort));
  } else {
    return;
  }
  fail_usage("{} was clustered with other settings: {}. {}, or use another --out.",
             run.path().string(), changed, instead);
}

}  // namespace

void declare(SettingTables& tables, ClusterRequest& request) {
  Schema& options = tables.options;
  declare_run(tables, request.run);
  options.add("clusters", &request.clusters, {.low = 2, .high = 100000},
              "number of clusters to find; unset: that of the run, or nolabel's estimate");
  options.add(
      "effort", &request.effort,
      {{"quick", Effort::quick}, {"standard", Effort::standard}, {"full", Effort::full}},
      "quick: trains heads on a frozen backbone (a minute for a thousand images); "
      "standard: first tunes the backbone on these images, unless ImageNet's labels trained it "
      "(a quarter of an hour); full: trains the published recipe from random weights (days on a "
      "CPU)");
  options.add("method", &request.method,
              {{"auto", Method::automatic},
               {"kmeans", Method::kmeans},
               {"consensus", Method::consensus},
               {"communities", Method::communities},
               {"scan", Method::scan},
               {"selflabel", Method::selflabel}},
              "auto: groups the images in each of these ways and keeps the groups that agree best "
              "with neighbors, without labels; another value: groups them in this way only");
  options.add("backbone", &request.subject.backbone,
              "a name (`nolabel backbone list` shows them), a weights file, a TorchScript program "
              "(with --run-program) or a run directory; "
              "unset: if most "
              "images are larger than 64 pixels, a published one that is on the disk, or `photos`; "
              "otherwise "
              "`starter` (with --effort full: no backbone)");
  options.add(
      "download", &request.access.download,
      "download the backbone if it is not on the disk, without asking: the one that is named, "
      "or for photos the best that a CPU can run");
  options.add("offline", &request.access.offline, "download nothing, and do not ask");
  options.rule("offline", [&request] {
    if (request.access.offline && request.access.download) {
      fail_usage("--download and --offline cannot be used together.");
    }
  });
  options.add("image_size", &request.subject.image_size, {.low = 0, .high = 1024},
              "side of the views in pixels; 0: the size that the backbone was trained on (at least "
              "64 if --effort standard tunes the backbone on larger images); 0 with --effort full: "
              "32 if all images are that small, otherwise 96");
  options.add("features", &request.subject.features,
              "cluster these embeddings (.npy, [N,D]) instead of images");
  options.add("paths", &request.subject.paths,
              "names of the rows of --features (CSV: path[,label])");
  for (const char* name : {"backbone", "features", "paths"}) options.path(name);
  declare_consent(options, request.run.compute);
  declare_run_settings(tables, request.run);
  declare_search(tables.settings, request.search);
}

ClusterOutcome cluster(SettingTables& tables, ClusterRequest& request, const Observer& observer) {
  settle_search(request.search);
  take_run_as_data(tables, request);
  OpenRun open(tables, request.run, Opening::make, observer);
  take_remembered_clustering(tables, open.run.state());
  // A stopped call for another number has left no chosen model (cluster_run.cc), and what it made
  // is in the way of the number before, too.
  const RunState& was = open.run.state();
  const bool differs = was.clusters != request.clusters || !was.final_stage;
  request.again = request.again && was.clusters > 0 && differs;
  settle_features(tables, request, open.run.state());
  const bool has_images = !request.run.data.empty() || !open.run.state().data.empty();
  if (request.subject.features.empty() && !has_images) {
    fail_usage("DATA is required: a folder of images, a list file or a published data set.");
  }
  check_same_clustering(request, open.run, open.environment);
  // What was made of the images before `update` is of no use for another number.
  // Where that takes long, the person has to say --force.
  if (request.again && !was.assigned_data.empty() && request.effort != Effort::full) {
    open.environment.force = true;
  }
  return run_clustering(tables, request, open);
}

}  // namespace nolabel
