#include "nolabel/pipeline/cluster_run.h"

#include <algorithm>
#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/pipeline/cluster_backbone.h"
#include "nolabel/pipeline/estimate.h"
#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/pretext_stage.h"
#include "nolabel/pipeline/run_report.h"
#include "nolabel/pipeline/scan_stage.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

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

class ClusterRun {
 public:
  ClusterRun(const ClusterRequest& request, const Environment& environment)
      : request_(request), environment_(environment), run_(request.out) {}

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
      subject_ = feature_subject(request_.features, request_.paths);
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
      const Backbone used = first_backbone(request_, effort, images.train);
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

  void say(const Backbone& backbone) const {
    const char* why = !request_.backbone.empty()        ? "as asked for"
                      : request_.effort == Effort::full ? "as --effort full has it"
                                                        : "no --backbone was given";
    environment_.observer.note(
        format("backbone: {} ({}); views of {} pixels", backbone.origin, why, backbone.image_size));
    if (!backbone.assumption.empty()) environment_.observer.note(backbone.assumption);
  }

  void prepare_images() {
    RunImages images = load_run_images(request_.data, request_.images, largest_view(request_),
                                       run_.path(), environment_);
    Backbone backbone = first_backbone(request_, request_.effort, images.train);
    settle_settings(images.train.size(), backbone.image_size, backbone.normalize);
    say(backbone);
    announce(images, backbone);
    if (request_.effort != Effort::quick) {
      const bool from_nothing = begins_from_nothing(request_, request_.effort);
      const auto start = from_nothing ? std::nullopt : std::optional(backbone);
      run_pretext(run_, images, {.backbone = backbone.settings}, settings_.pretext, start,
                  environment_);
      backbone = load_backbone(run_.path().string());
    }
    subject_ = image_subject(std::move(images), std::move(backbone), run_.features(), environment_);
  }

  // So that the commands of single stages find it again.
  void remember_data() {
    if (!subject_.images) {
      run_.describe(
          {{"features", path_to_json(fs::absolute(request_.features))},
           {"paths", request_.paths.empty() ? "" : path_to_json(fs::absolute(request_.paths))}});
      return;
    }
    run_.describe(describe_data(request_.data, request_.images));
    run_.describe(describe_backbone(run_, subject_.backbone.file));
  }

  void train() {
    const SubjectSide& validation = subject_.validation_or_train();
    mined_ = run_mine(run_, {subject_.train.mined, subject_.train.labels},
                      {validation.mined, validation.labels}, settings_.mine, subject_.backbone_hash,
                      subject_.data_fingerprint, environment_);
    run_.save_description();
    clip_neighbors();
    const auto train_inputs = side_inputs(subject_, subject_.train, frozen(), environment_);
    const auto validation_inputs = side_inputs(subject_, validation, frozen(), environment_);
    const ClusterStageInputs inputs{&subject_, train_inputs.get(), validation_inputs.get()};
    run_scan(run_, inputs, request_.clusters, settings_.scan, environment_);
    run_selflabel(run_, inputs, settings_.selflabel, environment_);
  }

  // Mining keeps fewer neighbors when there are fewer images, and says so.
  void clip_neighbors() {
    const int mined = mined_["neighbors"];
    settings_.scan.scan.neighbors = std::min(settings_.scan.scan.neighbors, mined);
  }

  void judge_features(const std::vector<ReportMethod>& methods) {
    // Measured: starter on CIFAR-10 test images 0.5-0.7; color histograms on photos 0.4.
    constexpr double weak_agreement = 0.5;
    const bool weak = methods[0].statistics.neighbor_agreement.value_or(1) < weak_agreement;
    if (request_.effort == Effort::quick && request_.backbone.empty() && subject_.images) {
      warn(
          "the starter backbone was trained on small pictures of ten kinds of things: expect "
          "groups by look more than by meaning. --backbone FILE takes a better one, --effort "
          "standard tunes it on these images");
    } else if (weak) {
      warn(
          "the features are weak (neighbors often lie in different clusters): expect groups by "
          "look more than by meaning");
    }
  }

  void say_lost_clusters(const ClusterStatistics& of_final) {
    if (of_final.empty_clusters == 0) return;
    const auto clusters = std::ssize(of_final.sizes);
    warn(format("only {} of {} clusters have images: fewer may fit these images better",
                clusters - of_final.empty_clusters, clusters));
  }

  ClusterOutcome conclude() {
    std::vector<Clustering> train_side =
        clusterings(run_, subject_, subject_.train, {"scan", "selflabel"}, environment_);
    std::vector<ReportMethod> methods = figures_of(
        train_side, subject_, subject_.train, read_npy_int64(run_.train_neighbors()), environment_);
    ClusterOutcome outcome;
    outcome.final_stage =
        final_stage(methods[0].statistics, methods[1].statistics, environment_.observer);
    judge_features(methods);
    say_lost_clusters(methods[outcome.final_stage == "scan" ? 0 : 1].statistics);
    outcome.backbone = subject_.backbone.origin;
    run_.describe({{"effort", effort_name(request_.effort)},
                   {"final", outcome.final_stage},
                   {"warnings", warnings_}});
    run_.save_description();
    const bool selflabel_first = outcome.final_stage == "selflabel";
    if (selflabel_first) {
      std::swap(train_side[0], train_side[1]);
      std::swap(methods[0], methods[1]);
    }
    outcome.train = methods;
    outcome.assignments = run_.path() / "assignments.csv";
    outcome.report = run_.path() / "report.html";
    outcome.images = subject_.train.features.size(0);
    outcome.warnings = warnings_;
    write_assignments(outcome.assignments, train_side[0], subject_, subject_.train);
    if (subject_.validation) conclude_validation(outcome);
    write_report(run_, subject_, train_side, methods, environment_);
    return outcome;
  }

  void conclude_validation(ClusterOutcome& outcome) {
    const std::string other = outcome.final_stage == "scan" ? "selflabel" : "scan";
    const std::vector<Clustering> side = clusterings(run_, subject_, *subject_.validation,
                                                     {outcome.final_stage, other}, environment_);
    outcome.validation = figures_of(side, subject_, *subject_.validation,
                                    read_npy_int64(run_.validation_neighbors()), environment_);
    write_assignments(run_.path() / "assignments-validation.csv", side[0], subject_,
                      *subject_.validation);
  }

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const ClusterRequest& request_;
  const Environment& environment_;
  RunDirectory run_;
  ClusterSettings settings_;
  Subject subject_;
  nlohmann::json mined_;
  std::vector<std::string> warnings_;
};

// Features come without images and without a network.
void check_features_alone(const ClusterRequest& request) {
  if (!request.data.empty()) {
    fail_usage("either DATA or features must be given, not both. Received {} and {}.",
               request.data.front().string(), request.features.string());
  }
  if (!request.backbone.empty() || request.image_size != 0) {
    fail_usage("features need no backbone: they are what one made of the images.");
  }
  if (request.effort != Effort::quick) {
    fail_usage("effort must be quick for features: there is no backbone to train. Received {}.",
               effort_name(request.effort));
  }
}

}  // namespace

ClusterOutcome cluster(const ClusterRequest& request, const Environment& environment) {
  check_sources(request.data);
  if (!request.features.empty()) check_features_alone(request);
  return ClusterRun(request, environment).go();
}

}  // namespace nolabel
