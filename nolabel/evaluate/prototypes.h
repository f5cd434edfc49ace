// One image per cluster that shows what the cluster is about.
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/base/npy.h"
#include "nolabel/evaluate/assignments.h"

namespace nolabel {

// Among a cluster's 10 most confident images (all, if it has fewer) the one nearest to their mean
// backbone feature (Euclidean, features as they are). -1 for an empty cluster.
//   features [N,D]
std::vector<int64_t> find_prototypes(const std::vector<Assignment>& assignments,
                                     const Matrix<float>& features, int cluster_count);

}  // namespace nolabel
