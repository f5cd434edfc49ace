// How many lists a row must look into for a wanted recall. Private to this folder.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "nolabel/neighbors/recall.h"

namespace nolabel {

struct Probing {
  int probes;
  double scanned;  // rows that a query is compared with, on the mean
};

// The fewest probes that find plan.recall of the sample's true neighbors (safe_mean()). A neighbor
// is found as soon as its own list is among the probed:
// the rank of that list by its centroid's similarity to the query says it all, without a search.
//   centroids  [lists, D];  own  [N]: the list of each row;  sizes  [lists]
Probing choose_probes(const at::Tensor& features, const at::Tensor& centroids,
                      const std::vector<uint32_t>& own, const std::vector<int64_t>& sizes,
                      const TrueNeighbors& truth, const MiningOptions& plan);

// Probes that are given need no sample: `scanned` for a row in a list of its size, and other lists
// of the mean size.
Probing given_probes(const std::vector<int64_t>& sizes, int probes);

}  // namespace nolabel
