#include "nolabel/pipeline/run_clusterings.h"

#include <algorithm>
#include <cmath>

#include "nolabel/base/format.h"
#include "nolabel/base/hash.h"
#include "nolabel/cluster/kmeans.h"
#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/record/renamed.h"
#include "nolabel/record/unsaved_work.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

// The run's clustering models, the chosen one first.
std::vector<std::string> finished_stages(const RunDirectory& run) {
  std::vector<std::string> stages = {chosen_stage(run)};
  const std::string other = stages[0] == "scan" ? "selflabel" : "scan";
  if (std::filesystem::exists(run.model(other))) stages.push_back(other);
  return stages;
}

// The hash of an input, as the sidecar of `model` has it; empty where nobody knows.
std::string input_of(const std::filesystem::path& model, const char* name) {
  const nlohmann::json made_from = sidecar_provenance(model);
  if (!made_from.is_object()) return "";
  return made_from.value("inputs", nlohmann::json::object()).value(name, "");
}

bool scan_is_of_backbone(const Subject& subject, const RunDirectory& run) {
  if (subject.backbone_of_scan) return true;
  const std::string hash = input_of(run.model("scan"), "backbone");
  return hash.empty() || hash == subject.backbone_hash;
}

// Self-labelling that finds no confident image leaves SCAN's model as it was. With centered
// features the heads were unfolded and folded again, so the last bits of the probabilities differ.
bool changed_nothing(const Clustering& scan, const Clustering& selflabel) {
  constexpr float tolerance = 1e-5F;
  return std::ranges::equal(scan.probabilities.values, selflabel.probabilities.values,
                            [](float a, float b) { return std::abs(a - b) <= tolerance; });
}

}  // namespace

bool has_features_of(const Subject& subject, const RunDirectory& run, const std::string& stage) {
  const auto head_only = [&run](const std::string& name) {
    const nlohmann::json settings = sidecar_settings(run.model(name));
    return settings.is_object() && settings.value("update_cluster_head_only", false);
  };
  return head_only("scan") && (stage == "scan" || head_only(stage)) &&
         scan_is_of_backbone(subject, run);
}

bool warn_if_outdated(const Subject& subject, const RunDirectory& run, const std::string& stage,
                      const Observer& observer) {
  if (!scan_is_of_backbone(subject, run)) {
    observer.warn(format(
        "{} was trained on another backbone than the run has now. Run `nolabel scan --force` to "
        "train it on the present backbone",
        run.model("scan").string()));
    return true;
  }
  if (stage == "scan") return false;
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
    all.push_back({.name = method_name(stage),
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
          .probabilities = one_hot(nearest_centers(space_.rows(split.features), centers_),
                                   static_cast<int>(centers_.size(0))),
          .has_confidence = false};
}

ClusteredSplit with_figures(std::vector<Clustering> clusterings, const Subject& subject,
                            const SubjectSplit& split,
                            const std::optional<Matrix<int64_t>>& neighbors,
                            const Environment& environment) {
  ClusteredSplit result{.clusterings = std::move(clusterings), .figures = {}};
  const Matrix<float> features = to_matrix(centered_unit_rows(split.features));
  for (const Clustering& clustering : result.clusterings) {
    result.figures.push_back(compute_figures(
        clustering.name, clustering.probabilities, split.labels,
        static_cast<int>(subject.class_names.size()), neighbors ? &*neighbors : nullptr, &features,
        environment.seed, environment.threads));
    result.figures.back().has_confidence = clustering.has_confidence;
  }
  return result;
}

ClusterStage better_stage(const RunDirectory& run, const Subject& subject,
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
                                     environment);
  // In features that SCAN itself fitted, the silhouette is no neutral judge.
  if (subject.backbone_of_scan) {
    environment.observer.note(
        "nolabel compares the two models without the silhouette, because SCAN trained these "
        "features itself");
    for (ReportMethod& method : both.figures) method.statistics.silhouette.reset();
  }
  return final_stage(both.figures[0].statistics, both.figures[1].statistics, environment.observer);
}

ClusteredRun clustered_run(const RunDirectory& run, const Subject& subject,
                           const Environment& environment) {
  std::vector<std::string> stages = finished_stages(run);
  warn_if_outdated(subject, run, stages[0], environment.observer);
  if (stages.size() == 2 && warn_if_outdated(subject, run, stages[1], environment.observer)) {
    stages.pop_back();
  }
  std::vector<Clustering> of_train =
      model_clusterings(run, subject, subject.train, stages, environment);
  if (of_train.size() == 2 && changed_nothing(of_train[0], of_train[1])) {
    stages.pop_back();
    of_train.pop_back();
  }
  const auto clusters = static_cast<int>(of_train[0].probabilities.columns);
  const KmeansBaseline kmeans(subject, clusters, environment);
  const auto complete = [&](std::vector<Clustering> models, const SubjectSplit& split,
                            const std::filesystem::path& table) {
    models.push_back(kmeans.clustering(split));
    return with_figures(
        std::move(models), subject, split,
        table_of(table, subject.data_fingerprint, split.features.size(0), environment),
        environment);
  };
  ClusteredRun result{.train = complete(std::move(of_train), subject.train, run.train_neighbors()),
                      .validation = std::nullopt};
  if (subject.validation) {
    result.validation =
        complete(model_clusterings(run, subject, *subject.validation, stages, environment),
                 *subject.validation, run.validation_neighbors());
  }
  return result;
}

}  // namespace nolabel
