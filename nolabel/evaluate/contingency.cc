#include "nolabel/evaluate/contingency.h"

#include "nolabel/base/error.h"

namespace nolabel {

Matrix<int64_t> contingency(std::span<const int> clusters, std::span<const int> classes,
                            int cluster_count, int class_count) {
  if (clusters.size() != classes.size()) {
    fail_data("as many labels as assignments are required ({}). Received {}.", clusters.size(),
              classes.size());
  }
  Matrix<int64_t> counts(cluster_count, class_count);
  for (size_t i = 0; i < clusters.size(); ++i) {
    if (clusters[i] < 0 || clusters[i] >= cluster_count) {
      fail_data("a cluster must be 0..{}. Received {} for image {}.", cluster_count - 1,
                clusters[i], i);
    }
    if (classes[i] < 0 || classes[i] >= class_count) {
      fail_data("a label must be 0..{}. Received {} for image {}.", class_count - 1, classes[i], i);
    }
    ++counts.at(clusters[i], classes[i]);
  }
  return counts;
}

std::vector<int64_t> row_sums(const Matrix<int64_t>& counts) {
  std::vector<int64_t> sums(counts.rows);
  for (int64_t k = 0; k < counts.rows; ++k) {
    for (int64_t c = 0; c < counts.columns; ++c) sums[k] += counts.at(k, c);
  }
  return sums;
}

std::vector<int64_t> column_sums(const Matrix<int64_t>& counts) {
  std::vector<int64_t> sums(counts.columns);
  for (int64_t k = 0; k < counts.rows; ++k) {
    for (int64_t c = 0; c < counts.columns; ++c) sums[c] += counts.at(k, c);
  }
  return sums;
}

}  // namespace nolabel
