// Communities of the neighbor graph: groups of images that are joined more densely than chance
// would have it, found by the Leiden algorithm (Traag, Waltman and van Eck, "From Louvain to
// Leiden: guaranteeing well-connected communities", 2019, arXiv 1810.08473).
//
// Nothing here keeps a state or uses threads. The same graph and options give the same result.
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/cluster/neighbor_graph.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct LeidenOptions {
  // γ, 0 or more: the higher the resolution, the more and the smaller the communities.
  double resolution = 1;
  uint64_t seed = 0;
  // At most, 1 or more. Each iteration starts from the communities of the one before, and an
  // iteration that changes nothing is the last. On kNN graphs (k = 15) of 13,000 and 50,000 points
  // from 20 overlapping Gaussians, 10 iterations reach 1.0 and 0.6 % more modularity than 2 in 3.4
  // times as long.
  int iterations = 10;
};

// The modularity (Reichardt and Bornholdt, "Statistical mechanics of community detection", 2006,
// with the configuration model) of a partition of the graph's N nodes:
//   (1/2m) Σ_ij (A_ij - γ k_i k_j / 2m) δ(community_i, community_j)
// with weights A, degrees k and 2m = Σ_i k_i. community [N] holds numbers in 0..N-1; others are the
// caller's defect. The modularity of a graph without edges is 0.
double modularity(const NeighborGraph& graph, const std::vector<int64_t>& community,
                  double resolution = 1);

// The Leiden algorithm (Algorithm A.2 of the paper) for this modularity. Returns the community [N]
// of each node. Communities are numbered from 0 by falling size, and equally large ones by their
// smallest node. Every community is connected, so a node without edges is a community of its own.
// Beside the graph, some copies of the graph's size are held. Throws Error(Fault::stopped) on
// request.
std::vector<int64_t> leiden(const NeighborGraph& graph, const LeidenOptions& options,
                            const Observer& observer);

// Partitions the graph's N nodes into `clusters` (K, 1..N; others are the caller's defect)
// clusters, which are numbered as by leiden(). The algorithm runs with up to 20 resolutions, the
// first of which is options.resolution (above 0), until exactly K communities are large: a large
// community holds at least 0.2 % of the nodes and at least 2. (If K exceeds 100, a fifth of the
// mean cluster N/K suffices instead of 0.2 %.) A trial has at most 2 iterations. The resolution
// that is chosen gets all of options.iterations, if these leave the count as it is.
//   - Nodes of small communities join the large ones by the vote of their neighbors, weighted by
//     the edges. This repeats until all nodes have joined that reach a large community. The others
//     join the largest cluster.
//   - If no resolution gives exactly K large communities, those of the nearest larger count are
//     merged, each time the pair whose merge loses the least modularity.
//   - If no resolution gives K or more, the search begins again, and half of that size makes a
//     community large; and so on down to 2 nodes.
//   - If there are still fewer than K, so is the number of clusters: the most that a resolution
//     gave, but at least 1. This happens if the connected nodes are too few.
// Clusters need not be connected. Modularity has a resolution limit: a resolution that keeps
// clusters with few edges apart may split large ones. Throws Error(Fault::stopped) on request.
std::vector<int64_t> communities_of_count(const NeighborGraph& graph, int clusters,
                                          const LeidenOptions& options, const Observer& observer);

// `count` such partitions from the seeds options.seed, options.seed + 1, and so on. The resolution
// that served for one is the first that the next one tries, so all but the first are quick.
std::vector<std::vector<int64_t>> community_partitions(const NeighborGraph& graph, int clusters,
                                                       int count, LeidenOptions options,
                                                       const Observer& observer);

}  // namespace nolabel
