// The neighbor graph: images are nodes, and an edge joins two images of which one names the other
// in the neighbor table.
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/base/matrix.h"

namespace nolabel {

// An undirected weighted graph in CSR form. The edges of node v are offsets[v]..offsets[v+1]-1.
// Every edge stands in the rows of both its nodes, with the same positive weight. No node has an
// edge to itself.
struct NeighborGraph {
  std::vector<int64_t> offsets = {0};  // [N+1]
  std::vector<int32_t> targets;        // [E], the node at the other end
  std::vector<float> weights;          // [E]
  std::vector<double> degree;          // [N], the sum of the weights of a node's edges

  int64_t nodes() const { return static_cast<int64_t>(degree.size()); }
};

// The graph of a neighbor table [N,k+1] (neighbors/neighbor_table.h), from the first `neighbors`
// different neighbors of each row. The image itself and -1 (no neighbor) are left out wherever they
// stand. An edge weighs 1 if one image names the other, and 2 if both name each other. The targets
// within a row of the graph ascend. Takes O(N k log k) time and O(N k) memory. Throws
// Error(Fault::usage) as check_neighbor_table() does: `neighbors` must be 1..k, indices must be
// 0..N-1 or -1, and each row must name an image.
NeighborGraph neighbor_graph(const Matrix<int64_t>& table, int neighbors);

}  // namespace nolabel
