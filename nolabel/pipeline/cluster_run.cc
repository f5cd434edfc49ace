#include "nolabel/pipeline/cluster_run.h"

#include <algorithm>
#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/pipeline/averaged_features.h"
#include "nolabel/pipeline/cluster_backbone.h"
#include "nolabel/pipeline/cluster_identities.h"
#include "nolabel/pipeline/cluster_result.h"
#include "nolabel/pipeline/cluster_warnings.h"
#include "nolabel/pipeline/earlier_clusters.h"
#include "nolabel/pipeline/effort_estimates.h"
#include "nolabel/pipeline/found_clusters.h"
#include "nolabel/pipeline/group_stages.h"
#include "nolabel/pipeline/mine_call.h"
#include "nolabel/pipeline/other_count.h"
#include "nolabel/pipeline/pretext_stage.h"
#include "nolabel/pipeline/run_estimate.h"
#include "nolabel/pipeline/scan_stage.h"
#include "nolabel/pipeline/training_images.h"

namespace nolabel {
namespace {

class ClusterRun {
 public:
  ClusterRun(SettingTables& tables, ClusterRequest& request, OpenRun& open,
             std::optional<Subject> given = {})
      : tables_(tables),
        request_(request),
        environment_(open.environment),
        run_(open.run),
        given_(std::move(given)) {}

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

  // The number of clusters, or a usual one while nolabel has not estimated it: little depends on
  // the number but how many neighbors SCAN trains on.
  int clusters(int64_t images) const {
    constexpr int64_t usual = 10;
    if (request_.clusters > 0) return request_.clusters;
    return static_cast<int>(std::clamp<int64_t>(images, 2, usual));
  }

  ClusterSettings settings_for(int64_t images, int image_size,
                               const NormalizeSettings& normalize) const {
    ClusterSettings settings = effort_settings(request_.effort, images, clusters(images),
                                               image_size, normalize, request_.search);
    if (request_.adjust) request_.adjust(settings);
    return settings;
  }

  void settle_settings(int64_t images, int image_size, const NormalizeSettings& normalize) {
    check_clusters(clusters(images), images);
    settings_ = settings_for(images, image_size, normalize);
    stages_ = stages_of(request_.method, frozen());  // refuses before any training
    if (request_.again && !frozen() && !environment_.force) {
      fail_usage(
          "{} has a backbone that was trained together with its {} clusters, and another number "
          "trains it anew. Use --force to do so.",
          run_.path().string(), run_.state().clusters);
    }
  }

  void prepare() {
    if (given_) {
      subject_ = std::move(*given_);
      settle_settings(subject_.train.features.size(0), subject_.backbone.image_size,
                      subject_.backbone.normalize);
    } else if (request_.subject.features.empty()) {
      prepare_images();
    } else {
      subject_ = load_features(tables_, request_.run, request_.subject, run_, environment_);
      settle_settings(subject_.train.features.size(0), 32, {});
      settings_.scan.scan.head_only = settings_.selflabel.selflabel.head_only = true;
      settings_.scan.cached_views = settings_.selflabel.cached_views = 1;
    }
    remember_computation(run_, tables_, request_.run, environment_);
  }

  // found: nullptr where the run begins_from_nothing(). backbone: of the effort asked for.
  RunImages load(const BackboneChoice* found, const Backbone& backbone) {
    const auto measure = [&](const ImagesAhead& images) -> std::vector<EffortEstimate> {
      if (clusters(images.train) > images.train) return {};  // refused when their number is known
      const ClusterSettings settings =
          settings_for(images.train, backbone.image_size, backbone.normalize);
      return estimate_efforts({.effort = request_.effort,
                               .method = request_.method,
                               .settings = settings,
                               .clusters = clusters(images.train),
                               .wanted = wanted_,
                               .sizes = sizes_,
                               .found = found},
                              images, run_.path(), environment_);
    };
    // Another number of clusters keeps most of what is estimated. A program that may not run is
    // refused next, where something has to be embedded.
    const bool refused = found && found->backbone.program && !environment_.run_programs;
    RunEstimate estimate(
        effort_name(request_.effort), measure, [&] { return seconds_so_far(); },
        environment_.observer);
    const bool says = !request_.again && !refused;
    RunImages images =
        load_images_of_run(tables_, request_.run, run_, picture_size(backbone), environment_,
                           Opening::make, says ? estimate.watch() : LoadingWatch());
    require_training_images(images.train.size(), images.trained());
    settle_settings(images.trained(), backbone.image_size, backbone.normalize);
    if (says) {
      estimate.loaded({.sample = images.train,
                       .root = images.root,
                       .train = images.train.size(),
                       .validation = images.validation ? images.validation->size() : 0});
    }
    return images;
  }

  void prepare_images() {
    take_remembered_images(tables_, request_.run, run_.state(), environment_);
    const WantedBackbone wanted = wanted_backbone(request_.subject, request_.effort, run_.state());
    wanted_ = wanted.subject;
    const AskedViews views{.image_size = wanted_.image_size, .normalize = wanted.normalize};
    sizes_ = look_at_sizes(data_of_run(request_.run, run_, environment_.observer),
                           request_.run.images, environment_);
    const auto named = named_backbone(wanted_, !request_.subject.backbone.empty(), request_.effort,
                                      request_.access, run_.state(), environment_);
    const bool from_nothing = begins_from_nothing(wanted_, request_.effort);
    BackboneChoice found;
    if (!from_nothing) {
      found = find_backbone(wanted_, named, sizes_, request_.access, environment_.observer);
      if (views.normalize) found.backbone.normalize = *views.normalize;
      if (wanted.is_remembered) found.warning = run_.state().backbone.warning;
    }
    const BackboneChoice choice = choice_for(request_.effort, found, wanted_, sizes_);
    Backbone backbone = choice.backbone;
    require_takes_images(backbone);
    const bool is_frozen = request_.effort == Effort::quick || !choice.is_tuned;
    const bool was_frozen = !run_.state().backbone.name.empty();
    if (is_frozen || (was_frozen && !from_nothing)) {
      require_same_backbone(backbone, run_, environment_);
    }
    if (was_frozen && from_nothing && !environment_.force) {
      fail_usage(
          "{} has another backbone now ({}) than one that begins with random weights. Use --force "
          "to train such a one, or another --out.",
          run_.path().string(), run_.state().backbone.origin);
    }
    for (const std::string& note : choice.notes()) environment_.observer.note(note);
    RunImages images = load(from_nothing ? nullptr : &found, backbone);
    const std::string used = backbone.name.empty() ? backbone.file.string() : backbone.name;
    const std::string& named_or_used = wanted_.backbone.empty() ? used : wanted_.backbone;
    if (is_frozen) {
      subject_ =
          image_subject(std::move(images), std::move(backbone), run_.features(), environment_);
      select_training_images(subject_, run_.path(), environment_);
      remember_backbone(run_, subject_, named_or_used, views);
      run_.state().backbone.warning = choice.warning;
      return;
    }
    const auto start = from_nothing ? std::nullopt : std::optional(backbone);
    run_pretext(run_, images, {.backbone = backbone.network}, settings_.pretext, start,
                environment_);
    subject_ = image_subject(std::move(images), load_backbone(run_.path().string()),
                             run_.features(), environment_);
    select_training_images(subject_, run_.path(), environment_);
    remember_backbone(run_, subject_, "", {});  // the run's own, which states its size itself
    remember_start(run_, from_nothing ? "" : named_or_used, wanted_.image_size);
    run_.state().backbone.warning = choice.warning;
  }

  bool runs(ClusterStage stage) const { return std::ranges::find(stages_, stage) != stages_.end(); }

  void group() {
    GroupHeads heads(run_, subject_, *metric_, request_.clusters, environment_, earlier_);
    std::vector<ClusterStage> found;
    for (const ClusterStage stage : stages_) {
      if (!is_group_stage(stage) || heads.make(stage)) found.push_back(stage);
    }
    stages_ = found;
  }

  // K is known from here on.
  void settle_clusters() {
    const int64_t images = subject_.train.features.size(0);
    if (request_.clusters == 0) {
      const ClusterCount count = count_clusters_of(run_, environment_);
      request_.clusters = count.estimate;
      run_.state().cluster_range = {count.low, count.high};
      environment_.observer.note(count_text(count, run_, frozen()));
      if (request_.effort != Effort::full) {
        settings_.scan.scan.neighbors = neighbors_of_scan(images, request_.clusters);
      }
    } else if (tables_.options.find("clusters") && tables_.options.is_set("clusters")) {
      run_.state().cluster_range.reset();  // a person chose
    } else if (request_.other_images) {
      count_warning_ = renew_cluster_range(run_, environment_);
    }
    check_clusters(request_.clusters, images);
    if (run_.state().clusters > 0) {
      earlier_ =
          earlier_clusters(run_, subject_.train.names, contents_of_train(subject_), environment_);
    }
  }

  // Everything from here on depends on K. Until the end, no model is the chosen one.
  void begin_again() {
    run_.state().final_stage.reset();
    run_.state().choice.clear();
    run_.save();
    remove_clusterings_of_other_count(run_, request_.clusters);
  }

  void train() {
    if (frozen()) average_features(subject_, settings_, environment_);
    const MinedTables mined = mine_for_clusters(run_, subject_, settings_.mine, environment_);
    run_.save();
    settle_clusters();
    // Mining keeps fewer neighbors when there are fewer images, and says so.
    settings_.scan.scan.neighbors = std::min(settings_.scan.scan.neighbors, mined.neighbors);
    if (frozen()) metric_ = run_metric(run_, subject_, settings_.mine, environment_);
    if (request_.again) begin_again();
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

  // The stage whose model the run keeps without a comparison of all.
  std::optional<ClusterStage> settled_stage() {
    const std::optional<ClusterStage> forced = stage_of(request_.method);
    if (!forced) {
      if (frozen()) return std::nullopt;
      return better_stage(
          run_, subject_,
          settings_.selflabel.selflabel.head_only ? SelfLabelled::head : SelfLabelled::network,
          environment_);
    }
    if (!runs(*forced)) {
      fail_data(
          "--method {0} finds no {1} clusters in these images. Use another --clusters or another "
          "--method.",
          stage_name(*forced), request_.clusters);
    }
    return forced;
  }

  // Clusterings of the images, the chosen one first; the run's state says which and why.
  ClusteredRun choose() {
    RunState& state = run_.state();
    const std::optional<ClusterStage> settled = settled_stage();
    state.final_stage = settled.value_or(stages_.front());
    state.choice.clear();
    ClusteredRun clustered = clustered_run(run_, subject_, environment_, EditsFollow::later);
    if (settled) return clustered;
    Choice choice = choose_stage(clustered.train, stages_);
    if (choice.stage == ClusterStage::kmeans) {
      // k-means is judged again by the head that is to continue it.
      GroupHeads(run_, subject_, *metric_, request_.clusters, environment_, earlier_)
          .make(choice.stage);
      stages_.push_back(choice.stage);
      clustered = clustered_run(run_, subject_, environment_, EditsFollow::later);
      choice = choose_stage(clustered.train, stages_);
    }
    const auto row = std::ranges::find(clustered.train.clusterings, std::optional(choice.stage),
                                       &Clustering::stage);
    put_first(clustered, row - clustered.train.clusterings.begin());
    state.final_stage = choice.stage;
    state.choice = choice.reason;
    environment_.observer.note(choice.reason);
    return clustered;
  }

  ClusterOutcome conclude() {
    ClusteredRun clustered = choose();
    const std::vector<int64_t> continued =
        settle_identities(run_, subject_, clustered.train.clusterings.front(), earlier_,
                          request_.again, environment_);
    run_.state().effort = effort_name(request_.effort);
    run_.state().clusters = request_.clusters;
    run_.state().method = method_name(request_.method);
    run_.state().warnings =
        cluster_warnings(clustered.train.figures.front().statistics, run_.state().backbone.warning);
    if (!count_warning_.empty()) run_.state().warnings.push_back(count_warning_);
    for (const std::string& warning : run_.state().warnings) environment_.observer.warn(warning);
    run_.state().assigned_data.clear();
    run_.state().drift_warning.clear();
    run_.save();
    ClusterOutcome outcome = write_clusters(run_, subject_, std::move(clustered), environment_);
    outcome.continued = continued;
    return outcome;
  }

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  SettingTables& tables_;
  ClusterRequest& request_;
  Environment& environment_;
  RunDirectory& run_;
  std::optional<Subject> given_;  // until prepare(): loaded by the caller
  SubjectRequest wanted_;         // the request's, completed by what the run remembers
  ClusterSettings settings_;
  SeenSizes sizes_;
  std::vector<ClusterStage> stages_;
  std::optional<RunMetric> metric_;  // of a frozen backbone
  std::string count_warning_;  // the run's number of clusters does not fit its images any more
  // [N] where the run is clustered again; -1: the image was not there.
  std::vector<int64_t> earlier_;
  Subject subject_;
};

}  // namespace

ClusterOutcome run_clustering(SettingTables& tables, ClusterRequest& request, OpenRun& open) {
  ClusterOutcome outcome = ClusterRun(tables, request, open).go();
  std::filesystem::remove(open.run.images_before());
  return outcome;
}

ClusterOutcome run_clustering_of(Subject subject, SettingTables& tables, ClusterRequest& request,
                                 OpenRun& open) {
  return ClusterRun(tables, request, open, std::move(subject)).go();
}

MinedTables mine_for_clusters(const RunDirectory& run, const Subject& subject,
                              const MineSettings& settings, const Environment& environment) {
  // Neighbors in centred features are more often of one kind than those in the embeddings behind
  // the starter's projection head: 58.2 against 56.4 % of the first 20 on the demo's images.
  const bool before_head = settings.normalization == FeatureNormalization::center;
  return mine_subject(run, subject, before_head, settings, environment).tables;
}

}  // namespace nolabel
