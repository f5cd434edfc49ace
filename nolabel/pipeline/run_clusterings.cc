#include "nolabel/pipeline/run_clusterings.h"

#include <algorithm>
#include <cmath>

#include "nolabel/base/format.h"
#include "nolabel/base/hash.h"
#include "nolabel/cluster/information_loss.h"
#include "nolabel/cluster/kmeans.h"
#include "nolabel/pipeline/edited_stage.h"
#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/group_stages.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/record/renamed.h"
#include "nolabel/record/unsaved_work.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

// The run's clustering models, `first` first.
std::vector<std::string> finished_stages(const RunDirectory& run, const std::string& first) {
  std::vector<std::string> stages = {first};
  for (const ClusterStage stage : all_cluster_stages) {
    const std::string name = stage_name(stage);
    if (name != first && std::filesystem::exists(run.model(name))) stages.push_back(name);
  }
  return stages;
}

// The hash of an input, as the sidecar of `model` has it; empty where nobody knows.
std::string input_of(const std::filesystem::path& model, const char* name) {
  const nlohmann::json made_from = sidecar_provenance(model);
  if (!made_from.is_object()) return "";
  return made_from.value("inputs", nlohmann::json::object()).value(name, "");
}

// The head of corrected clusters stands on a backbone that the found model has trained.
bool is_of_found_model(const RunDirectory& run, const std::string& stage) {
  const auto& found = run.state().found;
  const std::string hash = input_of(run.model(stage), "model");
  return found && !hash.empty() && hash == file_hash(run.model(stage_name(found->stage)));
}

// SCAN's, or that of a head of frozen features; self-labelling goes on from SCAN's.
bool is_of_backbone(const Subject& subject, const RunDirectory& run, const std::string& stage) {
  if (stage == "scan" && subject.backbone_of_scan) return true;
  if (!input_of(run.model(stage), "model").empty()) return is_of_found_model(run, stage);
  const std::string hash = input_of(run.model(stage), "backbone");
  return hash.empty() || hash == subject.backbone_hash;
}

bool is_group_head(const std::string& stage) {
  const std::optional<ClusterStage> known = cluster_stage(stage);
  return known && is_group_stage(*known);
}

bool is_of_metric(const RunDirectory& run, const std::string& stage) {
  const std::filesystem::path file = run.metric_neighbors();
  return std::filesystem::exists(file) && input_of(run.model(stage), "metric") == file_hash(file);
}

// SCAN's heads began with those of the run's stage consensus, which were made anew since.
bool began_elsewhere(const RunDirectory& run) {
  const std::string start = input_of(run.model("scan"), "start");
  const std::filesystem::path file = run.model(stage_name(ClusterStage::consensus));
  return !start.empty() && std::filesystem::exists(file) && start != file_hash(file);
}

// Self-labelling that finds no confident image leaves SCAN's model as it was. With centered
// features the heads were unfolded and folded again, so the last bits of the probabilities differ.
bool changed_nothing(const Clustering& scan, const Clustering& selflabel) {
  constexpr float tolerance = 1e-5F;
  return std::ranges::equal(scan.probabilities.values, selflabel.probabilities.values,
                            [](float a, float b) { return std::abs(a - b) <= tolerance; });
}

// Models of an earlier clustering into another number of clusters are none of the present one.
void leave_out_other_counts(std::vector<std::string>& stages, std::vector<Clustering>& clusterings,
                            const Observer& observer) {
  const int64_t clusters = clusterings[0].probabilities.columns;
  for (size_t i = stages.size(); i-- > 1;) {
    if (clusterings[i].probabilities.columns == clusters) continue;
    observer.note(format("{} has {} clusters and is left out: it is of an earlier clustering",
                         clusterings[i].name, clusterings[i].probabilities.columns));
    stages.erase(stages.begin() + static_cast<std::ptrdiff_t>(i));
    clusterings.erase(clusterings.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// Of SCAN's model and the self-labelled one, where both give the same clusters, the one that was
// not chosen is left out; the chosen one is the first.
void leave_out_unchanged(std::vector<std::string>& stages, std::vector<Clustering>& clusterings) {
  const auto place = [&stages](const char* stage) { return std::ranges::find(stages, stage); };
  const auto scan = place("scan"), selflabel = place("selflabel");
  if (scan == stages.end() || selflabel == stages.end()) return;
  const auto other = std::max(scan, selflabel) - stages.begin();
  if (!changed_nothing(clusterings[scan - stages.begin()],
                       clusterings[selflabel - stages.begin()])) {
    return;
  }
  stages.erase(stages.begin() + other);
  clusterings.erase(clusterings.begin() + other);
}

}  // namespace

std::vector<int64_t> assigned_clusters(const Matrix<float>& probabilities) {
  std::vector<int64_t> clusters;
  for (const Assignment& image : assign(probabilities)) clusters.push_back(image.cluster);
  return clusters;
}

double information_with_neighbors(const Matrix<float>& probabilities,
                                  const Matrix<int64_t>& neighbors) {
  return neighbor_information(assigned_clusters(probabilities),
                              static_cast<int>(probabilities.columns), neighbors)
      .share;
}

bool has_features_of(const Subject& subject, const RunDirectory& run, const std::string& stage) {
  const auto head_only = [&run](const std::string& name) {
    const nlohmann::json settings = sidecar_settings(run.model(name));
    return settings.is_object() && settings.value("update_cluster_head_only", false);
  };
  if (!input_of(run.model(stage), "model").empty()) return false;
  if (is_group_head(stage)) return is_of_backbone(subject, run, stage);
  return head_only("scan") && (stage == "scan" || head_only(stage)) &&
         is_of_backbone(subject, run, "scan");
}

bool warn_if_outdated(const Subject& subject, const RunDirectory& run, const std::string& stage,
                      const Observer& observer, EditsFollow edits) {
  const std::string first = stage == "selflabel" ? "scan" : stage;
  const char* command = first == "scan" ? "scan" : "cluster";
  if (!is_of_backbone(subject, run, first)) {
    observer.warn(format(
        "{} was trained on another backbone than the run has now. Run `nolabel {} --force` to "
        "train it on the present backbone",
        run.model(first).string(), command));
    return true;
  }
  const bool edited = stage == stage_name(ClusterStage::edited);
  const bool follows = edited ? is_of_present_edits(run.path())
                              : edits == EditsFollow::later || stage != chosen_stage(run) ||
                                    follows_edits(run.path(), run.state());
  if (!follows) {
    observer.warn(format("{} does not follow the run's present edits. Run `nolabel apply {}`",
                         run.model(stage).string(), run.path().string()));
    return true;
  }
  if (edited) return false;
  if (is_group_head(stage) && !is_of_metric(run, stage)) {
    observer.warn(format(
        "{} was made with an earlier neighbor metric. Run `nolabel {} --force` to make it with the "
        "present one",
        run.model(stage).string(), command));
    return true;
  }
  if (first == "scan" && began_elsewhere(run)) {
    observer.warn(format(
        "{} began with an earlier consensus than the run has now. Run `nolabel scan --force` to "
        "train it from the present one",
        run.model(first).string()));
    return true;
  }
  if (stage != "selflabel") return false;
  const std::string scan = input_of(run.model(stage), "scan");
  if (scan.empty() || scan == file_hash(run.model("scan"))) return false;
  observer.warn(format(
      "{} was trained from an earlier SCAN model. Run `nolabel selflabel --force` to train it "
      "from the present one",
      run.model(stage).string()));
  return true;
}

std::vector<Clustering> model_clusterings(const RunDirectory& run, const Subject& subject,
                                          const SubjectSplit& split,
                                          const std::vector<std::string>& stages,
                                          const Environment& environment) {
  std::vector<Clustering> all;
  for (const std::string& stage : stages) {
    const auto inputs =
        split_inputs(subject, split, has_features_of(subject, run, stage), environment);
    TrainedModel trained =
        load_trained_model(run.path(), stage, subject.backbone.image_size, environment);
    // Where the stage trained the backbone, the images go through it again.
    const Observer observer =
        renamed(environment.observer, format("embedding with the {} model", stage));
    all.push_back({.name = stage_title(stage),
                   .stage = cluster_stage(stage),
                   .probabilities = evaluate(trained, *inputs, observer).probabilities});
  }
  return all;
}

KmeansBaseline::KmeansBaseline(const Subject& subject, int clusters, const Environment& environment)
    : space_(subject.train.features) {
  run_unsaved("k-means", Ended::lost, environment.observer, [&](const Observer& observer) {
    centers_ = kmeans(space_.rows(subject.train.features),
                      {.clusters = clusters, .seed = environment.seed}, observer)
                   .centers;
  });
}

Clustering KmeansBaseline::clustering(const SubjectSplit& split) const {
  return {.name = "k-means",
          .stage = std::nullopt,
          .probabilities = one_hot(nearest_centers(space_.rows(split.features), centers_),
                                   static_cast<int>(centers_.size(0))),
          .has_confidence = false};
}

ClusteredSplit with_figures(std::vector<Clustering> clusterings, const Subject& subject,
                            const SubjectSplit& split,
                            const std::optional<Matrix<int64_t>>& neighbors,
                            const std::optional<Matrix<int64_t>>& metric_neighbors,
                            const Environment& environment) {
  ClusteredSplit result{.clusterings = std::move(clusterings), .figures = {}};
  const Matrix<float> features = to_matrix(centered_unit_rows(split.features));
  for (const Clustering& clustering : result.clusterings) {
    result.figures.push_back(compute_figures(
        clustering.name, clustering.probabilities, split.labels,
        static_cast<int>(subject.class_names.size()), neighbors ? &*neighbors : nullptr, &features,
        environment.seed, environment.threads));
    result.figures.back().has_confidence = clustering.has_confidence;
    if (!metric_neighbors) continue;
    result.figures.back().statistics.neighbor_information =
        information_with_neighbors(clustering.probabilities, *metric_neighbors);
  }
  return result;
}

ClusterStage better_stage(const RunDirectory& run, const Subject& subject, SelfLabelled trained,
                          const Environment& environment) {
  const SubjectSplit& split = subject.train;
  std::vector<Clustering> models =
      model_clusterings(run, subject, split, {"scan", "selflabel"}, environment);
  if (changed_nothing(models[0], models[1])) {
    environment.observer.note(
        "self-labelling changed no probability by more than 0.00001: nolabel keeps the SCAN model");
    return ClusterStage::scan;
  }
  ClusteredSplit both = with_figures(std::move(models), subject, split,
                                     table_of(run.train_neighbors(), subject.data_fingerprint,
                                              split.features.size(0), environment),
                                     std::nullopt, environment);
  // In features that SCAN itself fitted, the silhouette is no neutral judge.
  if (subject.backbone_of_scan) {
    environment.observer.note(
        "nolabel compares the two models without the silhouette, because SCAN trained these "
        "features itself");
    for (ReportMethod& method : both.figures) method.statistics.silhouette.reset();
  }
  return final_stage(both.figures[0].statistics, both.figures[1].statistics, trained,
                     environment.observer);
}

void put_first(ClusteredRun& clustered, size_t row) {
  const auto rotate = [row](auto& rows) {
    std::rotate(rows.begin(), rows.begin() + row, rows.begin() + row + 1);
  };
  for (ClusteredSplit* split :
       {&clustered.train, clustered.validation ? &*clustered.validation : nullptr}) {
    if (!split) continue;
    rotate(split->clusterings);
    rotate(split->figures);
  }
}

ComparableClusterings comparable_clusterings(const RunDirectory& run, const Subject& subject,
                                             const std::string& first,
                                             const Environment& environment,
                                             const Observer& observer, EditsFollow edits) {
  ComparableClusterings found{.stages = finished_stages(run, first), .of_train = {}};
  std::erase_if(found.stages, [&](const std::string& stage) {
    return warn_if_outdated(subject, run, stage, observer, edits) && stage != first;
  });
  found.of_train = model_clusterings(run, subject, subject.train, found.stages, environment);
  leave_out_other_counts(found.stages, found.of_train, observer);
  leave_out_unchanged(found.stages, found.of_train);
  return found;
}

ClusteredRun clustered_run(const RunDirectory& run, const Subject& subject,
                           const Environment& environment, EditsFollow edits) {
  const std::string chosen = chosen_stage(run);
  const bool edited = chosen == stage_name(ClusterStage::edited);  // others have as many as found
  auto [stages, of_train] =
      comparable_clusterings(run, subject, chosen, environment,
                             edited ? environment.observer.silent() : environment.observer, edits);
  const auto clusters = static_cast<int>(of_train[0].probabilities.columns);
  const KmeansBaseline kmeans(subject, clusters, environment);
  const auto complete = [&](std::vector<Clustering> models, const SubjectSplit& split,
                            const std::filesystem::path& table,
                            const std::optional<Matrix<int64_t>>& metric_neighbors) {
    models.push_back(kmeans.clustering(split));
    return with_figures(
        std::move(models), subject, split,
        table_of(table, subject.data_fingerprint, split.features.size(0), environment),
        metric_neighbors, environment);
  };
  ClusteredRun result{.train = complete(std::move(of_train), subject.train, run.train_neighbors(),
                                        kept_metric_neighbors(run, subject)),
                      .validation = std::nullopt};
  if (subject.validation) {
    result.validation =
        complete(model_clusterings(run, subject, *subject.validation, stages, environment),
                 *subject.validation, run.validation_neighbors(), std::nullopt);
  }
  return result;
}

}  // namespace nolabel
