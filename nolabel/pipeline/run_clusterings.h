// How the models of a run, and k-means beside them, cluster the images of a split.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/pipeline/yardstick.h"
#include "nolabel/report/report_data.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

struct Clustering {
  std::string name;                   // "SCAN", "self-label", "k-means"
  std::optional<ClusterStage> stage;  // whose model it is; none: k-means for comparison
  Matrix<float> probabilities;        // [N,C]; one-hot for hard clusters
  bool has_confidence = true;
};

// The most probable cluster of each row [N,C].
std::vector<int64_t> assigned_clusters(const Matrix<float>& probabilities);
// NeighborInformation::share of these clusters; neighbors [N,k+1].
double information_with_neighbors(const Matrix<float>& probabilities,
                                  const Matrix<int64_t>& neighbors);

// True when the subject's features are those of the stage's model: no training changed the
// backbone, and the subject has the backbone that SCAN was trained on.
bool has_features_of(const Subject& subject, const RunDirectory& run, const std::string& stage);

// Whether the chosen model has to follow the person's edits already, or the caller sees to it once
// it knows what nolabel finds.
enum class EditsFollow { already, later };

// Warns when what the stage ("consensus", "scan", "selflabel" …) was trained from has been made
// anew since: the backbone, or the SCAN model. Returns true in this case.
bool warn_if_outdated(const Subject& subject, const RunDirectory& run, const std::string& stage,
                      const Observer& observer, EditsFollow edits = EditsFollow::already);

// Clusterings of one split by the run's models of these stages.
std::vector<Clustering> model_clusterings(const RunDirectory& run, const Subject& subject,
                                          const SubjectSplit& split,
                                          const std::vector<std::string>& stages,
                                          const Environment& environment);

// The clusterings of the training images by the run's model of the stage `first`, and by those of
// its other models that can be compared with it: up to date, of as many clusters, and of SCAN and
// self-labelling only one where both give the same. The observer is told what is left out.
struct ComparableClusterings {
  std::vector<std::string> stages;
  std::vector<Clustering> of_train;  // of each stage
};
ComparableClusterings comparable_clusterings(const RunDirectory& run, const Subject& subject,
                                             const std::string& first,
                                             const Environment& environment,
                                             const Observer& observer,
                                             EditsFollow edits = EditsFollow::already);

// k-means on the backbone's features of the training images (yardstick.h): what clustering reaches
// without SCAN. Like the models, it learns from the training images only.
class KmeansBaseline {
 public:
  KmeansBaseline(const Subject& subject, int clusters, const Environment& environment);
  // Each image of the split belongs to the nearest center.
  Clustering clustering(const SubjectSplit& split) const;

 private:
  CenteredUnitSpace space_;
  at::Tensor centers_;  // [K,D] fp32
};

// The clusterings of one split, and their figures.
struct ClusteredSplit {
  std::vector<Clustering> clusterings;
  std::vector<ReportMethod> figures;  // of each
};

// Figures of each clustering; neighbor agreement uses `neighbors`, mined on this split, and the
// information shared with neighbors `metric_neighbors`, if there are any.
ClusteredSplit with_figures(std::vector<Clustering> clusterings, const Subject& subject,
                            const SubjectSplit& split,
                            const std::optional<Matrix<int64_t>>& neighbors,
                            const std::optional<Matrix<int64_t>>& metric_neighbors,
                            const Environment& environment);

// Compares SCAN's model and the self-labelled one on the training images, without labels
// (figures.h, final_stage()), and says which one stays: SCAN's where both give the same
// probabilities up to rounding.
ClusterStage better_stage(const RunDirectory& run, const Subject& subject, SelfLabelled trained,
                          const Environment& environment);

// What a run shows of its splits: the model that it chose first, then the other models, k-means
// last.
struct ClusteredRun {
  ClusteredSplit train;
  std::optional<ClusteredSplit> validation;

  // Empty without validation images.
  std::vector<ReportMethod> validation_figures() const {
    return validation ? validation->figures : std::vector<ReportMethod>();
  }
};

// Moves a row of both splits to the front; the others keep their order.
void put_first(ClusteredRun& clustered, size_t row);

// Neighbor agreement is by the run's tables, where they are of these images. Of SCAN and
// self-labelling, one is left out where both give the same probabilities (up to rounding). A model
// that is outdated is left out with a warning, unless the run chose it.
ClusteredRun clustered_run(const RunDirectory& run, const Subject& subject,
                           const Environment& environment,
                           EditsFollow edits = EditsFollow::already);

}  // namespace nolabel
