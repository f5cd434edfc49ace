#include "nolabel/pipeline/assigned_images.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/pipeline/found_clusters.h"
#include "nolabel/pipeline/group_stages.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/training_images.h"
#include "nolabel/pipeline/yardstick.h"

namespace nolabel {
namespace {

constexpr double largest_doubt = 0.5;
// Of the neighbor whose distance counts: as far as SCAN's 20 neighbors go, so that a few strangers
// of one kind do not vouch for each other.
constexpr int64_t far_neighbor = 20;

// [N] 1 - cosine, around the mean, to the last of these neighbors.
std::vector<float> distances_to_neighbors(const at::Tensor& features,
                                          const Matrix<int64_t>& neighbors) {
  const Matrix<float> rows = to_matrix(centered_unit_rows(features));
  std::vector<float> distances(neighbors.rows, 0);
  for (int64_t i = 0; i < neighbors.rows; ++i) {
    int64_t last = std::min(far_neighbor, neighbors.columns - 1);
    while (last > 0 && neighbors.at(i, last) < 0) --last;
    if (last == 0) continue;
    const float* other = rows.row(neighbors.at(i, last));
    distances[i] = 1 - std::inner_product(rows.row(i), rows.row(i) + rows.columns, other, 0.f);
  }
  return distances;
}

// The run's table of neighbors in `file`, if it is of these images.
std::optional<Matrix<int64_t>> quiet_table(const std::filesystem::path& file,
                                           const Subject& subject, int64_t images,
                                           const Environment& environment) {
  Environment quiet = environment;
  quiet.observer = environment.observer.silent();  // the figures have said what is missing
  return table_of(file, subject.data_fingerprint, images, quiet);
}

// [N] of a split, by the chosen clustering (the first), the run's other models and the neighbors of
// each image.
std::vector<ImageStatus> statuses_of(const std::vector<Clustering>& clusterings,
                                     const SubjectSplit& split,
                                     const std::optional<Matrix<int64_t>>& neighbors) {
  const Clustering& chosen = clusterings.front();
  std::vector<ImageStatus> statuses(split.names.size(), ImageStatus::ok);
  if (!neighbors) return statuses;
  std::vector<const Matrix<float>*> others;
  for (const Clustering& other : clusterings) {
    if (other.stage && &other != &chosen) others.push_back(&other.probabilities);
  }
  const std::vector<double> doubts =
      cluster_doubts(clusters_of(assign(chosen.probabilities)),
                     static_cast<int>(chosen.probabilities.columns), *neighbors, others);
  const std::vector<bool> far = stand_out(distances_to_neighbors(split.features, *neighbors));
  for (size_t i = 0; i < statuses.size(); ++i) {
    if (doubts[i] >= largest_doubt || far[i]) statuses[i] = ImageStatus::unsure;
  }
  return statuses;
}

std::vector<ImageStatus> statuses_of_given(const RunDirectory& run, const Subject& subject,
                                           const ClusteredSplit& clustered,
                                           const Environment& environment) {
  std::optional<Matrix<int64_t>> neighbors = kept_metric_neighbors(run, subject);
  if (!neighbors) {
    neighbors =
        quiet_table(run.train_neighbors(), subject, std::ssize(subject.train.names), environment);
  }
  // The doubts are about what nolabel found. A merge by a person gives no new ones, though the
  // run's other models have other clusters then.
  const std::vector<ImageStatus> of_train = statuses_of(
      run.state().found ? comparable_clusterings(run, subject, stage_name(run.state().found->stage),
                                                 environment, environment.observer.silent())
                              .of_train
                        : clustered.clusterings,
      subject.train, neighbors);
  std::vector<ImageStatus> statuses;
  for (size_t i = 0; i < subject.row_of_given.size(); ++i) {
    const int64_t row = subject.row_of_given[i];
    const ImageStatus found = row >= 0 ? of_train[row] : ImageStatus::unsure;
    statuses.push_back(subject.is_duplicate(static_cast<int64_t>(i)) ? ImageStatus::duplicate
                                                                     : found);
  }
  return statuses;
}

std::vector<ImageStatus> statuses_of_validation(const RunDirectory& run, const Subject& subject,
                                                const ClusteredSplit& clustered,
                                                const Environment& environment) {
  const SubjectSplit& split = *subject.validation;
  const auto images = std::ssize(split.names);
  std::vector<ImageStatus> statuses =
      statuses_of(clustered.clusterings, split,
                  quiet_table(run.validation_neighbors(), subject, images, environment));
  if (subject.screening.representative.empty()) return statuses;
  const auto given = std::ssize(subject.given.names);
  for (int64_t i = 0; i < images; ++i) {
    if (!subject.screening.has_content[given + i]) statuses[i] = ImageStatus::unsure;
  }
  return statuses;
}

Matrix<float> probabilities_of_given(const RunDirectory& run, const Subject& subject,
                                     const Clustering& chosen, const Environment& environment) {
  if (!subject.aside) return rows_of_given(subject, chosen.probabilities, {});
  NOLABEL_ASSERT(chosen.stage.has_value());
  const std::vector<Clustering> of_aside =
      model_clusterings(run, subject, *subject.aside, {stage_name(*chosen.stage)}, environment);
  return rows_of_given(subject, chosen.probabilities, of_aside.front().probabilities);
}

// The row of an image that a person put into `column`, or for which a model and the edits disagree:
// the model's own choice becomes the runner-up.
void put_into(float* row, int64_t columns, int64_t column, bool certain) {
  if (certain) {
    std::fill_n(row, columns, 0.f);
    row[column] = 1;
    return;
  }
  const int64_t best = std::max_element(row, row + columns) - row;
  std::swap(row[best], row[column]);
}

void put_where_edited(AssignedImages& given, const EditedClusters& edited) {
  NOLABEL_ASSERT(std::ssize(edited.cluster_of) == given.probabilities.rows);
  for (int64_t i = 0; i < given.probabilities.rows; ++i) {
    const auto column = static_cast<int64_t>(*index_of(edited.identities, edited.cluster_of[i]));
    put_into(given.probabilities.row(i), given.probabilities.columns, column, edited.fixed[i]);
    if (edited.fixed[i] || edited.kept[i]) given.statuses[i] = ImageStatus::ok;
    if (edited.junk[i]) given.statuses[i] = ImageStatus::junk;
  }
}

bool same_ids(const std::vector<ClusterIdentity>& a, const std::vector<ClusterIdentity>& b) {
  return std::ranges::equal(a, b, {}, &ClusterIdentity::id, &ClusterIdentity::id);
}

}  // namespace

RunAssignments assigned_images(const RunDirectory& run, const Subject& subject,
                               const ClusteredRun& clustered, const Environment& environment) {
  RunAssignments assigned{
      .given = {probabilities_of_given(run, subject, clustered.train.clusterings.front(),
                                       environment),
                statuses_of_given(run, subject, clustered.train, environment)},
      .validation = std::nullopt};
  if (run.state().found && run.state().found->waiting.empty()) {
    const auto edited = edited_clusters(run.path(), run.state());
    // A model that does not follow the edits yet can have other clusters.
    if (edited && same_ids(edited->identities, run.state().identities)) {
      put_where_edited(assigned.given, *edited);
    }
  }
  if (clustered.validation) {
    assigned.validation = {
        clustered.validation->clusterings.front().probabilities,
        statuses_of_validation(run, subject, *clustered.validation, environment)};
  }
  return assigned;
}

}  // namespace nolabel
