#include "nolabel/pipeline/cluster_run.h"

#include <algorithm>
#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/pipeline/cluster_backbone.h"
#include "nolabel/pipeline/estimate.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/pretext_stage.h"
#include "nolabel/pipeline/run_report.h"
#include "nolabel/pipeline/run_subject.h"
#include "nolabel/pipeline/scan_stage.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

class ClusterRun {
 public:
  ClusterRun(const ClusterRequest& request, RunDirectory& run, const Environment& environment)
      : request_(request), environment_(environment), run_(run) {}

  ClusterOutcome go() {
    prepare();
    train();
    ClusterOutcome outcome = conclude();
    outcome.seconds = seconds_so_far();
    return outcome;
  }

 private:
  double seconds_so_far() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  bool frozen() const { return settings_.scan.scan.head_only; }

  void warn(const std::string& text) {
    warnings_.push_back(text);
    environment_.observer.warn(text);
  }

  void settle_settings(int64_t images, int image_size, const NormalizeSettings& normalize) {
    check_clusters(request_.clusters, images);
    settings_ = effort_settings(request_.effort, images, request_.clusters, image_size);
    for (ViewSettings* views :
         {&settings_.pretext.views, &settings_.scan.views, &settings_.selflabel.views}) {
      views->normalize = views->evaluation_normalize = normalize;
    }
    if (request_.adjust) request_.adjust(settings_);
  }

  void prepare() {
    if (!request_.features.empty()) {
      subject_ = feature_subject(request_.features, request_.paths, request_.images,
                                 environment_.observer);
      settle_settings(subject_.train.features.size(0), 32, {});
      settings_.scan.scan.head_only = settings_.selflabel.selflabel.head_only = true;
      settings_.scan.cached_views = settings_.selflabel.cached_views = 1;
    } else {
      prepare_images();
    }
    remember_data();
  }

  // The time of every effort on these images, as it would take from the command's beginning with
  // these options. The one that was asked for is measured best.
  void announce(const RunImages& images, const Backbone& backbone) const {
    if (!request_.announce) return;
    constexpr double best = 0.6, roughly = 0.2;  // seconds
    const FeatureCosts features = measure_features(backbone, settings_, request_.clusters,
                                                   images.train, run_.path(), environment_);
    std::vector<EffortEstimate> estimates;
    for (const Effort effort : {Effort::quick, Effort::standard, Effort::full}) {
      const bool asked_for = effort == request_.effort;
      const Backbone used = choose_backbone(request_, effort, sizes_).backbone;
      const ClusterSettings settings =
          asked_for
              ? settings_
              : effort_settings(effort, images.train.size(), request_.clusters, used.image_size);
      const ViewCosts views = measure_views(used, settings.scan.views, images.train,
                                            asked_for ? best : roughly, environment_);
      const int64_t validation = images.validation ? images.validation->size() : 0;
      estimates.push_back(
          {effort_name(effort),
           estimate_seconds(effort, settings, images.train.size(), validation, views, features)});
    }
    for (EffortEstimate& estimate : estimates) estimate.seconds += seconds_so_far();
    request_.announce(estimates);
  }

  void say(const BackboneChoice& choice) const {
    environment_.observer.note(choice.announcement());
    if (!choice.backbone.assumption.empty()) {
      environment_.observer.note(choice.backbone.assumption);
    }
    if (!choice.is_tuned) {
      environment_.observer.note(
          "--effort standard does not tune this backbone, because tuning is not known to help "
          "here");
    }
  }

  // Before the images are embedded with it.
  void check_same_backbone(const Backbone& backbone) const {
    const RunState& was = run_.state();
    // Older versions remembered no hash.
    const bool known = was.clusters > 0 && !was.backbone.hash.empty();
    if (!known || request_.effort != Effort::quick || environment_.force) return;
    if (was.backbone.hash == backbone_hash(backbone)) return;
    fail_usage(
        "{} was clustered with another backbone: backbone was {}, is {}. Use --force to cluster it "
        "again, or another --out.",
        run_.path().string(), was.backbone.origin, backbone.origin);
  }

  void prepare_images() {
    sizes_ = look_at_sizes(request_, environment_);
    BackboneChoice choice = choose_backbone(request_, request_.effort, sizes_);
    expectation_ = choice.warning;
    Backbone backbone = choice.backbone;
    require_takes_images(backbone);
    if (request_.normalize) backbone.normalize = *request_.normalize;
    check_same_backbone(backbone);
    RunImages images = load_run_images(request_.data, request_.images, picture_size(backbone),
                                       run_.path(), environment_);
    environment_.data_change = run_.take_images(images.list);
    settle_settings(images.train.size(), backbone.image_size, backbone.normalize);
    say(choice);
    announce(images, backbone);
    trains_backbone_ = request_.effort != Effort::quick && choice.is_tuned;
    if (trains_backbone_) {
      const bool from_nothing = begins_from_nothing(request_, request_.effort);
      const auto start = from_nothing ? std::nullopt : std::optional(backbone);
      run_pretext(run_, images, {.backbone = backbone.network}, settings_.pretext, start,
                  environment_);
      backbone = load_backbone(run_.path().string());
    }
    subject_ = image_subject(std::move(images), std::move(backbone), run_.features(), environment_);
  }

  // So that every later command works on the same images, seen in the same way.
  void remember_data() {
    RunState& state = run_.state();
    const auto absolute = [](const fs::path& path) {
      return path.empty() ? path : fs::absolute(path).lexically_normal();
    };
    state.data.clear();
    for (const fs::path& path : request_.data) state.data.push_back(absolute(path));
    state.features = absolute(request_.features);
    state.paths = absolute(request_.paths);
    state.images = request_.images;
    state.seed = environment_.seed;
    state.backbone = {.name = "",
                      .origin = subject_.backbone.origin,
                      .hash = subject_.backbone_hash,
                      .image_size = 0,
                      .normalize = std::nullopt};
    // What was trained here is the run's own pretext model, which states its size itself.
    if (!subject_.images || trains_backbone_) return;
    const Backbone& used = subject_.backbone;
    const std::string chosen = used.name.empty() ? used.file.string() : used.name;
    state.backbone.name =
        remembered_name(run_, request_.backbone.empty() ? chosen : request_.backbone);
    state.backbone.image_size = request_.image_size;
    state.backbone.normalize = request_.normalize;
  }

  void train() {
    const SubjectSplit& validation = subject_.validation_or_train();
    // Neighbors in centred features are more often of one kind than those in the embeddings behind
    // the starter's projection head: 58.2 against 56.4 % of the first 20 on the demo's images.
    const bool before_head = settings_.mine.normalization == FeatureNormalization::center;
    const auto images_of = [before_head](const SubjectSplit& split) {
      return MinedImages{before_head ? split.features : split.mined, split.labels};
    };
    const MinedTables mined = run_mine(run_, images_of(subject_.train), images_of(validation),
                                       settings_.mine, mined_features_hash(subject_, before_head),
                                       subject_.data_fingerprint, environment_);
    run_.save();
    // Mining keeps fewer neighbors when there are fewer images, and says so.
    settings_.scan.scan.neighbors = std::min(settings_.scan.scan.neighbors, mined.neighbors);
    const auto train_inputs = split_inputs(subject_, subject_.train, frozen(), environment_);
    const auto validation_inputs = split_inputs(subject_, validation, frozen(), environment_);
    const ClusterStageInputs inputs{&subject_, train_inputs.get(), validation_inputs.get()};
    run_scan(run_, inputs, request_.clusters, settings_.scan, environment_);
    run_selflabel(run_, inputs, settings_.selflabel, environment_);
  }

  void judge_features(const ClusteredSplit& train) {
    // Measured: starter on CIFAR-10 test images 0.5-0.7; color histograms on photos 0.4.
    constexpr double weak_agreement = 0.5;
    const auto scan = std::ranges::find(train.figures, "SCAN", &ReportMethod::name);
    const bool weak = scan->statistics.neighbor_agreement.value_or(1) < weak_agreement;
    if (!expectation_.empty()) {
      warn(expectation_);
    } else if (weak) {
      warn(
          "the features are weak (neighbors are often in different clusters), so the groups may "
          "follow the look of the images more than their meaning");
    }
  }

  void say_lost_clusters(const ClusterStatistics& of_final) {
    if (of_final.empty_clusters == 0) return;
    const auto clusters = std::ssize(of_final.sizes);
    warn(format(
        "only {} of {} clusters have images; a smaller --clusters may fit these images better",
        clusters - of_final.empty_clusters, clusters));
  }

  ClusterOutcome conclude() {
    const ClusterStage chosen = better_stage(run_, subject_, environment_);
    run_.state().effort = effort_name(request_.effort);
    run_.state().clusters = request_.clusters;
    run_.state().final_stage = chosen;
    ClusteredRun clustered = clustered_run(run_, subject_, environment_);
    judge_features(clustered.train);
    say_lost_clusters(clustered.train.figures.front().statistics);
    run_.state().warnings = warnings_;
    run_.save();
    const RunFiles files = write_run_files(run_, subject_, clustered, environment_);
    Clustering& by_chosen = clustered.train.clusterings.front();
    return {.final_stage = stage_name(chosen),
            .backbone = subject_.backbone.origin,
            .backbone_labels = subject_.backbone.labels,
            .train = clustered.train.figures,
            .validation = clustered.validation_figures(),
            .warnings = warnings_,
            .assignments_file = files.assignments,
            .report = files.report,
            .names = subject_.train.names,
            .assignments = assign(by_chosen.probabilities),
            .probabilities = std::move(by_chosen.probabilities),
            .features = to_matrix(subject_.train.features),
            .images = subject_.train.features.size(0)};
  }

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const ClusterRequest& request_;
  Environment environment_;
  RunDirectory& run_;
  ClusterSettings settings_;
  SeenSizes sizes_;
  std::string expectation_;  // of the backbone, to be warned of
  Subject subject_;
  bool trains_backbone_ = false;  // the run gets a pretext model of its own
  std::vector<std::string> warnings_;
};

// Features come without images and without a network.
void check_features_alone(const ClusterRequest& request) {
  if (!request.data.empty()) {
    fail_usage("either DATA or features must be given, not both. Received {} and {}.",
               request.data.front().string(), request.features.string());
  }
  if (!request.backbone.empty() || request.image_size != 0) {
    fail_usage(
        "features cannot be combined with a backbone or an image size, because a backbone has "
        "already made the features.");
  }
  if (request.effort != Effort::quick) {
    fail_usage("effort must be quick for features: there is no backbone to train. Received {}.",
               effort_name(request.effort));
  }
}

// Refuses before any work what a stage would refuse after it, and in the words of this command:
// from another number of clusters or effort follow many settings of the stages.
void check_same_clustering(const ClusterRequest& request, const RunDirectory& run,
                           const Environment& environment) {
  const RunState& was = run.state();
  if (was.clusters == 0 || environment.force) return;
  std::string changed;
  if (was.clusters != request.clusters) {
    changed = format("clusters was {}, is {}", was.clusters, request.clusters);
  } else if (was.effort != effort_name(request.effort)) {
    changed = format("effort was {}, is {}", was.effort, effort_name(request.effort));
  } else {
    return;
  }
  fail_usage(
      "{} was clustered with other settings: {}. Use --force to cluster it again, or another "
      "--out.",
      run.path().string(), changed);
}

}  // namespace

const char* effort_name(Effort effort) {
  switch (effort) {
    case Effort::quick:
      return "quick";
    case Effort::standard:
      return "standard";
    case Effort::full:
      return "full";
  }
  return "";
}

ClusterOutcome cluster(const ClusterRequest& request, RunDirectory& run,
                       const Environment& environment) {
  check_sources(request.data);
  if (!request.features.empty()) check_features_alone(request);
  check_same_clustering(request, run, environment);
  return ClusterRun(request, run, environment).go();
}

ClusterOutcome cluster(const ClusterRequest& request, const Environment& environment) {
  check_sources(request.data);
  RunDirectory run(request.out);
  return cluster(request, run, environment);
}

}  // namespace nolabel
