#include "nolabel/pipeline/cluster_run.h"

#include <algorithm>
#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/pipeline/cluster_backbone.h"
#include "nolabel/pipeline/estimate.h"
#include "nolabel/pipeline/group_stages.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/mine_call.h"
#include "nolabel/pipeline/pretext_stage.h"
#include "nolabel/pipeline/run_report.h"
#include "nolabel/pipeline/scan_stage.h"

namespace nolabel {
namespace {

class ClusterRun {
 public:
  ClusterRun(SettingTables& tables, ClusterRequest& request, OpenRun& open)
      : tables_(tables), request_(request), environment_(open.environment), run_(open.run) {}

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
    MineSettings mine = request_.search;
    mine.neighbors = settings_.mine.neighbors;
    mine.validation_neighbors = settings_.mine.validation_neighbors;
    mine.normalization = settings_.mine.normalization;
    settings_.mine = mine;
    for (ViewSettings* views : {&settings_.pretext.views, &settings_.averaging,
                                &settings_.scan.views, &settings_.selflabel.views}) {
      views->normalize = views->evaluation_normalize = normalize;
    }
    if (request_.adjust) request_.adjust(settings_);
    stages_ = stages_of(request_.method, frozen());  // refuses before any training
  }

  void prepare() {
    if (request_.subject.features.empty()) {
      prepare_images();
    } else {
      subject_ = load_features(tables_, request_.run, request_.subject, run_, environment_);
      settle_settings(subject_.train.features.size(0), 32, {});
      settings_.scan.scan.head_only = settings_.selflabel.selflabel.head_only = true;
      settings_.scan.cached_views = settings_.selflabel.cached_views = 1;
    }
    remember_computation(run_, tables_, request_.run, environment_);
  }

  // Where the backbone trains, only SCAN and self-labelling can be asked for.
  Method method_of(Effort effort) const {
    const bool possible = effort != Effort::full || request_.method == Method::scan ||
                          request_.method == Method::selflabel;
    return possible ? request_.method : Method::automatic;
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
      const Backbone used = choose_backbone(wanted_, effort, sizes_).backbone;
      const ClusterSettings settings =
          asked_for
              ? settings_
              : effort_settings(effort, images.train.size(), request_.clusters, used.image_size);
      const ViewCosts views = measure_views(used, settings.scan.views, images.train,
                                            asked_for ? best : roughly, environment_);
      const int64_t validation = images.validation ? images.validation->size() : 0;
      estimates.push_back({effort_name(effort),
                           estimate_seconds(effort, method_of(effort), settings,
                                            images.train.size(), validation, views, features)});
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

  // The backbone that the run remembers, with the views that go with it, unless the user names one.
  // What trains a backbone begins with the one that it began with.
  AskedViews take_remembered_backbone() {
    wanted_ = request_.subject;
    const RunState::Backbone& was = run_.state().backbone;
    const bool taken = wanted_.backbone.empty() && request_.effort == Effort::quick;
    if (taken) {
      wanted_.backbone = was.name;
      if (wanted_.image_size == 0) wanted_.image_size = was.image_size;
    }
    return {.image_size = wanted_.image_size, .normalize = taken ? was.normalize : std::nullopt};
  }

  void prepare_images() {
    take_remembered_images(tables_, request_.run, run_.state(), environment_);
    const AskedViews views = take_remembered_backbone();
    sizes_ = look_at_sizes(data_of_run(request_.run, run_, environment_.observer),
                           request_.run.images, environment_);
    BackboneChoice choice = choose_backbone(wanted_, request_.effort, sizes_);
    expectation_ = choice.warning;
    Backbone backbone = choice.backbone;
    require_takes_images(backbone);
    if (views.normalize) backbone.normalize = *views.normalize;
    check_same_backbone(backbone);
    RunImages images =
        load_images_of_run(tables_, request_.run, run_, picture_size(backbone), environment_);
    settle_settings(images.train.size(), backbone.image_size, backbone.normalize);
    say(choice);
    announce(images, backbone);
    if (request_.effort == Effort::quick || !choice.is_tuned) {
      const std::string used = backbone.name.empty() ? backbone.file.string() : backbone.name;
      subject_ =
          image_subject(std::move(images), std::move(backbone), run_.features(), environment_);
      remember_backbone(run_, subject_, wanted_.backbone.empty() ? used : wanted_.backbone, views);
      return;
    }
    const bool from_nothing = begins_from_nothing(wanted_, request_.effort);
    const auto start = from_nothing ? std::nullopt : std::optional(backbone);
    run_pretext(run_, images, {.backbone = backbone.network}, settings_.pretext, start,
                environment_);
    subject_ = image_subject(std::move(images), load_backbone(run_.path().string()),
                             run_.features(), environment_);
    remember_backbone(run_, subject_, "", {});  // the run's own, which states its size itself
  }

  bool runs(ClusterStage stage) const { return std::ranges::find(stages_, stage) != stages_.end(); }

  // Frozen features are compared by their mean over some views.
  void average() {
    const auto inputs = split_inputs(subject_, subject_.train, frozen(), environment_);
    Model model = subject_.make_model(request_.clusters, 1, environment_);
    subject_.train.averaged =
        inputs->averaged_features(model, training_recipe(settings_.averaging),
                                  settings_.averaged_views, environment_.observer);
    if (!subject_.has_network()) return;
    subject_.train.averaged_views = settings_.averaged_views;
    subject_.train.views =
        sha256(format("{} {}", result_values(settings_.averaging).dump(), environment_.seed))
            .substr(0, 8);
  }

  void group() {
    metric_ = run_metric(run_, subject_, settings_.mine, environment_);
    GroupHeads heads(run_, subject_, *metric_, request_.clusters, environment_);
    std::vector<ClusterStage> found;
    for (const ClusterStage stage : stages_) {
      const bool is_head = stage != ClusterStage::scan && stage != ClusterStage::selflabel;
      if (!is_head || heads.make(stage)) found.push_back(stage);
    }
    stages_ = found;
  }

  void train() {
    if (frozen()) average();
    // Neighbors in centred features are more often of one kind than those in the embeddings behind
    // the starter's projection head: 58.2 against 56.4 % of the first 20 on the demo's images.
    const bool before_head = settings_.mine.normalization == FeatureNormalization::center;
    const MinedTables mined =
        mine_subject(run_, subject_, before_head, settings_.mine, environment_).tables;
    run_.save();
    // Mining keeps fewer neighbors when there are fewer images, and says so.
    settings_.scan.scan.neighbors = std::min(settings_.scan.scan.neighbors, mined.neighbors);
    if (frozen()) group();
    if (!runs(ClusterStage::scan)) return;
    const auto train_inputs = split_inputs(subject_, subject_.train, frozen(), environment_);
    const auto validation_inputs =
        split_inputs(subject_, subject_.validation_or_train(), frozen(), environment_);
    const ClusterStageInputs inputs{&subject_, train_inputs.get(), validation_inputs.get()};
    run_scan(run_, inputs, request_.clusters, settings_.scan, environment_);
    if (runs(ClusterStage::selflabel)) {
      run_selflabel(run_, inputs, settings_.selflabel, environment_);
    }
  }

  // The model that the run keeps, and why.
  Choice choose() {
    if (const auto forced = stage_of(request_.method)) {
      if (!runs(*forced)) {
        fail_data(
            "--method {0} finds no {1} clusters in these images. Use another --clusters or "
            "another --method.",
            stage_name(*forced), request_.clusters);
      }
      return {*forced, ""};
    }
    if (!frozen()) return {better_stage(run_, subject_, environment_), ""};
    Choice choice =
        choose_stage(run_, subject_, metric_->neighbors, stages_, request_.clusters, environment_);
    if (choice.stage == ClusterStage::kmeans) {
      GroupHeads(run_, subject_, *metric_, request_.clusters, environment_).make(choice.stage);
    }
    environment_.observer.note(choice.reason);
    return choice;
  }

  void judge_features(const ClusteredSplit& train) {
    // Measured: starter on CIFAR-10 test images 0.5-0.7; color histograms on photos 0.4.
    constexpr double weak_agreement = 0.5;
    const bool weak =
        train.figures.front().statistics.neighbor_agreement.value_or(1) < weak_agreement;
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
    const Choice chosen = choose();
    run_.state().effort = effort_name(request_.effort);
    run_.state().clusters = request_.clusters;
    run_.state().method = method_name(request_.method);
    run_.state().final_stage = chosen.stage;
    run_.state().choice = chosen.reason;
    ClusteredRun clustered = clustered_run(run_, subject_, environment_);
    judge_features(clustered.train);
    say_lost_clusters(clustered.train.figures.front().statistics);
    run_.state().warnings = warnings_;
    run_.save();
    const RunFiles files = write_run_files(run_, subject_, clustered, environment_);
    Clustering& by_chosen = clustered.train.clusterings.front();
    return {.final_stage = stage_name(chosen.stage),
            .choice = chosen.reason,
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
  SettingTables& tables_;
  ClusterRequest& request_;
  Environment& environment_;
  RunDirectory& run_;
  SubjectRequest wanted_;  // the request's, completed by what the run remembers
  ClusterSettings settings_;
  SeenSizes sizes_;
  std::string expectation_;  // of the backbone, to be warned of
  std::vector<ClusterStage> stages_;
  std::optional<RunMetric> metric_;  // of a frozen backbone
  Subject subject_;
  std::vector<std::string> warnings_;
};

}  // namespace

ClusterOutcome run_clustering(SettingTables& tables, ClusterRequest& request, OpenRun& open) {
  return ClusterRun(tables, request, open).go();
}

}  // namespace nolabel
