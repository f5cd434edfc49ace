// How many groups images seem to have. No estimator is good on features of real images
// (docs/method.md, Number of clusters), so the range matters more than the estimate.
#pragma once

#include <cstdint>

#include "nolabel/cluster/neighbor_graph.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// All at least 2 and at most the number of images; low <= estimate <= high.
struct ClusterCount {
  int estimate = 2;
  int low = 2, high = 2;

  // Every resolution and seed gives the same number of groups, and there are at least two: the
  // groups are well separated. The range is then this number.
  bool is_clear = false;
};

// Counts communities of the graph (communities.h) that hold at least 0.2 % of the images and at
// least 2. The estimate is the median count at resolution 1. The range reaches from the least count
// at resolution 0.5, divided by 1.25, to the largest at 1.4, times 1.25, unless all counts are
// equal. Three seeds each, from `seed` on. The graph needs at least 2 nodes (fewer are the caller's
// defect). Throws Error(Fault::stopped) on request.
ClusterCount estimate_cluster_count(const NeighborGraph& graph, uint64_t seed,
                                    const Observer& observer);

}  // namespace nolabel
