// The best one-to-one matching of clusters to classes (Hungarian method): clusters have no names,
// so accuracy is that of the most favourable naming.
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/base/npy.h"

namespace nolabel {

// For each row of scores [R,C] the column it is matched with, or -1. min(R,C) rows are matched,
// each column at most once, and the sum of the matched scores is the largest possible.
// Time O(min(R,C)^2 max(R,C)).
std::vector<int> maximum_matching(const Matrix<int64_t>& scores);

// The class of each cluster, or -1 for the surplus ones when there are more clusters than classes.
//   counts  [K,C] as contingency() returns them
inline std::vector<int> match_clusters(const Matrix<int64_t>& counts) {
  return maximum_matching(counts);
}

}  // namespace nolabel
