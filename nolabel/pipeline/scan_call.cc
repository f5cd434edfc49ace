#include "nolabel/pipeline/scan_call.h"

#include <nlohmann/json.hpp>

#include "nolabel/base/format.h"
#include "nolabel/edits/edit_log.h"
#include "nolabel/pipeline/group_stages.h"
#include "nolabel/pipeline/mine_call.h"
#include "nolabel/pipeline/run_clusterings.h"
#include "nolabel/pipeline/scan_stage.h"
#include "nolabel/run/artifact.h"
#include "nolabel/run/mined_features.h"
#include "nolabel/run/training_stage.h"

namespace nolabel {
namespace {

// The settings of both commands, in the order that their help has.
template <class Request>
void declare_stage(SettingTables& tables, Request& request) {
  declare(tables.settings, request.settings);
  declare_config(tables, request.run);
  // The published program's clustering stages write a DataParallel model's names.
  tables.settings.published("module_prefix", "true");
}

Subject load(SettingTables& tables, RunRequest& request, const SubjectRequest& wanted,
             ViewSettings& views, BackboneOfScan of_scan, OpenRun& open) {
  Subject subject =
      load_subject(tables, request, wanted, asked_views(tables, wanted.image_size, views), of_scan,
                   open.run, open.environment);
  fit_views(views, tables.settings, subject.backbone.image_size, subject.backbone.normalize);
  return subject;
}

// With labels, how good the model is on the validation images; measured as `eval` measures.
std::optional<Measurement> measured(const SettingTables& tables, const OpenRun& open,
                                    const Subject& subject, ClusterStage stage) {
  if (subject.validation_or_train().labels.empty()) return std::nullopt;
  const Environment measuring = measuring_environment(tables, open.environment);
  const auto measure = [&](const Subject& seen) {
    return measure_stage(open.run, stage_name(stage), seen, seen.validation_or_train(), {},
                         measuring);
  };
  if (!subject.images || measuring.precision == open.environment.precision) return measure(subject);
  return measure(with_validation_embedded(subject, open.run.features(), measuring));
}

ClusterStageOutcome outcome_of(const SettingTables& tables, const OpenRun& open,
                               const Subject& subject, ClusterStage stage, bool trained) {
  return {.model = open.run.model(stage_name(stage)),
          .trained = trained,
          .images = subject.train.features.size(0),
          .final_stage = chosen_stage(open.run),
          .evaluation = measured(tables, open, subject, stage)};
}

// After the pretext was trained further, its tables are of features that it no longer gives: they
// are mined again as they were. Those by approximate search are left to `nolabel mine`.
void renew_stale_tables(const OpenRun& open, const Subject& subject) {
  const RunDirectory& run = open.run;
  const nlohmann::json made_from = sidecar_provenance(run.train_neighbors());
  if (!made_from.is_object() || continued_from(run.model("pretext")).empty()) return;
  const MinedFeatures features = MinedFeatures::parse(
      made_from.value("inputs", nlohmann::json::object()).value("features", ""));
  const nlohmann::json of_train = made_from.value("settings", nlohmann::json::object());
  if (features.backbone_hash == subject.backbone_hash || of_train.contains("search")) return;
  const nlohmann::json of_validation = sidecar_settings(run.validation_neighbors());
  MineSettings settings;
  settings.neighbors = of_train.value("neighbors", settings.neighbors);
  if (of_validation.is_object()) {
    settings.validation_neighbors = of_validation.value("neighbors", settings.validation_neighbors);
  }
  const bool centered = of_train.value("feature_normalization", "none") == "center";
  settings.normalization = centered ? FeatureNormalization::center : FeatureNormalization::none;
  mine_subject(run, subject, features.before_head, settings, open.environment);
}

// Mining keeps fewer neighbors where there are fewer images: nobody asked for more than it kept.
void take_neighbors_of_table(ScanSettings& settings, const OpenRun& open) {
  const std::filesystem::path file = open.run.train_neighbors();
  if (!std::filesystem::exists(file)) return;  // which the stage refuses
  const auto kept = static_cast<int>(read_npy_int64(file).columns) - 1;
  if (kept >= settings.neighbors || kept < 1) return;
  open.environment.observer.note(
      format("scan: the table has {} neighbors per image, so num_neighbors is {}", kept, kept));
  settings.neighbors = kept;
}

// Heads to begin with. Those that the run has serve, whatever views they were found on: `cluster`
// averages several, this command has the plain ones.
void make_consensus(const OpenRun& open, const Subject& subject, int clusters, int heads) {
  const RunDirectory& run = open.run;
  if (has_consensus(run, subject, clusters, heads)) return;
  std::optional<RunMetric> metric = kept_metric(run, subject);
  if (!metric) {
    metric = run_metric(run, subject, search_of_table(sidecar_settings(run.train_neighbors())),
                        open.environment);
  }
  GroupHeads(run, subject, *metric, clusters, open.environment)
      .make(ClusterStage::consensus, heads);
}

// A person's edits are about clusters that SCAN, trained anew, does not know: they are kept beside.
void set_edits_aside(const RunDirectory& run, const Observer& observer) {
  namespace fs = std::filesystem;
  const fs::path log = edit_log_file(run.path()), aside = run.path() / "edit-log-before-scan.json";
  std::error_code absent;
  fs::remove(run.path() / "found.csv", absent);
  if (!fs::exists(log)) return;
  fs::rename(log, aside);
  observer.warn(format(
      "SCAN was trained anew, so the edits of the clusters before are no longer in force; {} keeps "
      "them",
      aside.string()));
}

// What the state says of the clusters before SCAN was trained anew. Their ids are not used again.
void forget_clustering(RunState& state) {
  state.final_stage = ClusterStage::scan;
  state.choice.clear();
  state.method.clear();
  state.clusters = 0;
  state.effort.clear();
  state.warnings.clear();
  state.identities.clear();
  state.found.reset();
}

}  // namespace

void declare(SettingTables& tables, ScanRequest& request) {
  declare_run(tables, request.run);
  declare(tables, request.subject);
  declare_consent(tables.options, request.run.compute);
  declare_cluster_count(tables.settings, request.clusters);
  declare_stage(tables, request);
  // docs/method.md, The SCAN loss.
  tables.settings.published("criterion_kwargs.entropy_weight", "2");
}

void declare(SettingTables& tables, SelflabelRequest& request) {
  declare_run(tables, request.run);
  declare(tables, request.subject);
  declare_consent(tables.options, request.run.compute);
  declare_stage(tables, request);
  tables.settings.published("ema_mode", "published");
}

nlohmann::json stage_json(const ClusterStageOutcome& outcome) {
  nlohmann::json json = {{"model", path_to_json(outcome.model)},
                         {"trained", outcome.trained},
                         {"images", outcome.images},
                         {"final", outcome.final_stage}};
  if (outcome.evaluation) json["evaluation"] = measurement_json(*outcome.evaluation);
  return json;
}

ClusterStageOutcome scan(SettingTables& tables, ScanRequest& request, const Observer& observer) {
  settle_config(tables, request.run, Setup::scan, observer);
  OpenRun open(tables, request.run, Opening::make, observer);
  note_deviations(tables, Setup::scan, open.environment);
  ScanStageSettings& settings = request.settings;
  const Subject subject =
      load(tables, request.run, request.subject, settings.views, BackboneOfScan::never, open);
  int clusters = request.clusters;
  if (clusters == 0) clusters = static_cast<int>(subject.class_names.size());
  settings.scan.head_only |= !subject.has_network();
  renew_stale_tables(open, subject);
  if (!tables.settings.is_set("num_neighbors")) take_neighbors_of_table(settings.scan, open);
  if (settings.start == ScanStart::consensus) {
    check_clusters(clusters, subject.train.features.size(0));
    make_consensus(open, subject, clusters, settings.heads);
  }
  const bool frozen = settings.scan.head_only;
  const auto train = split_inputs(subject, subject.train, frozen, open.environment);
  const auto validation =
      split_inputs(subject, subject.validation_or_train(), frozen, open.environment);
  const bool trained = run_scan(open.run, {&subject, train.get(), validation.get()}, clusters,
                                settings, open.environment);
  // A kept model leaves the choice between it and its self-labelled successor as it was.
  if (trained) {
    set_edits_aside(open.run, open.environment.observer);
    forget_clustering(open.run.state());
  }
  remember_computation(open.run, tables, request.run, open.environment);
  open.run.save();
  return outcome_of(tables, open, subject, ClusterStage::scan, trained);
}

ClusterStageOutcome selflabel(SettingTables& tables, SelflabelRequest& request,
                              const Observer& observer) {
  settle_config(tables, request.run, Setup::selflabel, observer);
  OpenRun open(tables, request.run, Opening::make, observer);
  note_deviations(tables, Setup::selflabel, open.environment);
  SelflabelStageSettings& settings = request.settings;
  const Subject subject =
      load(tables, request.run, request.subject, settings.views, BackboneOfScan::allowed, open);
  settings.selflabel.head_only |= !subject.has_network();
  warn_if_outdated(subject, open.run, "scan", open.environment.observer);
  const bool frozen = settings.selflabel.head_only && has_features_of(subject, open.run, "scan");
  const auto train = split_inputs(subject, subject.train, frozen, open.environment);
  const bool trained =
      run_selflabel(open.run, {&subject, train.get(), train.get()}, settings, open.environment);
  remember_computation(open.run, tables, request.run, open.environment);
  open.run.save();
  open.run.state().final_stage = better_stage(
      open.run, subject, settings.selflabel.head_only ? SelfLabelled::head : SelfLabelled::network,
      open.environment);
  open.run.state().choice.clear();
  open.run.save();
  return outcome_of(tables, open, subject, ClusterStage::selflabel, trained);
}

}  // namespace nolabel
