#include "nolabel/evaluate/cluster_statistics.h"

#include <algorithm>
#include <cmath>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// [K]
std::vector<double> mean_rows(const Matrix<float>& probabilities) {
  std::vector<double> mean(probabilities.columns);
  for (int64_t i = 0; i < probabilities.rows; ++i) {
    for (int64_t k = 0; k < probabilities.columns; ++k) mean[k] += probabilities.at(i, k);
  }
  for (double& m : mean) m /= static_cast<double>(probabilities.rows);
  return mean;
}

double entropy(const std::vector<double>& shares) {
  double sum = 0;
  for (double p : shares) {
    if (p > 0) sum -= p * std::log(p);
  }
  return sum;
}

}  // namespace

ClusterStatistics cluster_statistics(const Matrix<float>& probabilities,
                                     const Matrix<int64_t>* neighbors,
                                     const Matrix<float>* features,
                                     const SilhouetteSample& sample) {
  if (probabilities.rows == 0) fail_data("at least one image is required. Received none.");
  const std::vector<Assignment> assignments = assign(probabilities);
  const std::vector<int> clusters = clusters_of(assignments);
  ClusterStatistics result;
  result.sizes.resize(probabilities.columns);
  double confidence = 0;
  for (const Assignment& a : assignments) {
    ++result.sizes[a.cluster];
    confidence += a.confidence;
  }
  result.mean_confidence = confidence / static_cast<double>(assignments.size());
  result.empty_clusters = static_cast<int>(std::ranges::count(result.sizes, 0));
  result.entropy = entropy(mean_rows(probabilities));
  if (neighbors != nullptr) result.neighbor_agreement = neighbor_agreement(clusters, *neighbors);
  if (features != nullptr) result.silhouette = silhouette(clusters, *features, sample);
  return result;
}

double neighbor_agreement(std::span<const int> clusters, const Matrix<int64_t>& neighbors) {
  const auto images = static_cast<int64_t>(clusters.size());
  if (neighbors.rows != images) {
    fail_data("the neighbor table must have a row for each of the {} images. Received {} rows.",
              images, neighbors.rows);
  }
  int64_t same = 0, all = 0;
  for (int64_t i = 0; i < images; ++i) {
    const int64_t* row = neighbors.row(i);
    const int64_t* self = std::find(row, row + neighbors.columns, i);
    const int64_t left_out = self == row + neighbors.columns ? 0 : self - row;
    for (int64_t j = 0; j < neighbors.columns; ++j) {
      if (row[j] < -1 || row[j] >= images) {
        fail_data("neighbors must be 0..{} (or -1 for none). Received {} in row {}.", images - 1,
                  row[j], i);
      }
      if (j == left_out || row[j] == -1) continue;
      ++all;
      same += clusters[row[j]] == clusters[i];
    }
  }
  return all == 0 ? 0 : static_cast<double>(same) / static_cast<double>(all);
}

}  // namespace nolabel
