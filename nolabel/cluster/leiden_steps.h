// The three steps of the Leiden algorithm (Traag et al. 2019, arXiv 1810.08473, Algorithm A.2).
//
// A graph here may be an aggregate one. A node of such a graph stands for several images, and the
// edges among these images count in `degree`, but not in `weights`. So a node's degree may exceed
// the sum of its weights, which no step needs.
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/base/random.h"
#include "nolabel/cluster/neighbor_graph.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// What a community pays for the degrees of its nodes: the modularity times 2m is
//   Σ_ij (A_ij - price k_i k_j) δ(community_i, community_j)  with price = γ / 2m.
// The gain of a node v that joins the nodes of a community C is half of the growth of this sum,
// which is E(v,C) - price k_v K_C, with the weight E between them and K_C the sum of the degrees.
using DegreePrice = double;

// MoveNodesFast: visits all nodes in a random order and moves each to the community where it gains
// most. Where a node has moved, its neighbors outside of its new community are visited again, until
// no node waits. community [N] holds numbers in 0..N-1 before and after.
void move_nodes(const NeighborGraph& graph, DegreePrice price, std::vector<int32_t>& community,
                Random random, const Observer& observer);

// RefinePartition: splits every community into connected parts, by merging single nodes inside of a
// community. Each node chooses among the parts that do not make it lose, at random with preference
// to a high gain. Returns the part [N] of each node, in 0..N-1.
std::vector<int32_t> refine(const NeighborGraph& graph, DegreePrice price,
                            const std::vector<int32_t>& community, Random order, Random draws,
                            const Observer& observer);

// AggregateGraph: one node for each of the `count` parts, which are numbered 0..count-1. An edge
// weighs the sum of the edges between the nodes of two parts.
NeighborGraph aggregate(const NeighborGraph& graph, const std::vector<int32_t>& part,
                        int32_t count);

}  // namespace nolabel
