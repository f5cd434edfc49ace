// Clusters against classes: the table of counts from which every label-based figure follows.
#pragma once

#include <cstdint>
#include <span>

#include "nolabel/base/npy.h"

namespace nolabel {

// counts.at(k, c) = images of cluster k whose label is class c. Clusters and classes without images
// are rows and columns of zeros.
//   clusters, classes  [N], in 0..cluster_count-1 and 0..class_count-1
// Throws Error(Fault::data) when the lengths differ or a value is out of range.
Matrix<int64_t> contingency(std::span<const int> clusters, std::span<const int> classes,
                            int cluster_count, int class_count);

// Images per cluster [K] and per class [C].
std::vector<int64_t> row_sums(const Matrix<int64_t>& counts);
std::vector<int64_t> column_sums(const Matrix<int64_t>& counts);

}  // namespace nolabel
