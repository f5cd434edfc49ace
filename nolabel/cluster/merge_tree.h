// The tree of merges around a clustering: from parts of its clusters, over the clusters themselves,
// to two groups. It shows what fewer or more groups would look like without any training.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "nolabel/cluster/neighbor_graph.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct MergeTree {
  std::vector<int64_t> part;        // [N], the part of each image, 0..P-1
  std::vector<int64_t> cluster_of;  // [P], the cluster that holds the part
  // Merges in their order: the second group joins the first, which keeps its number. Groups begin
  // as the parts. Before any merge there are P groups; after P - K merges the groups are the K
  // clusters that have images; the last merge leaves two (or none, where the clusters are fewer).
  std::vector<std::pair<int64_t, int64_t>> merges;

  int64_t parts() const { return static_cast<int64_t>(cluster_of.size()); }
};

// Whether so few clusters hold images that a tree serves a person, and takes seconds: at most 150.
bool has_merge_tree(const std::vector<int64_t>& clusters);

// The parts of a cluster are its images by community of the graph (communities.h), of which there
// are three for each cluster. Pieces of less than a tenth of their cluster, or of fewer than 5
// images, join the cluster's largest part. Merged is first within clusters, then between them: each
// time the pair of groups with the most edges for their sizes, which is the sum of the weights
// between them divided by the product of their degrees (of equal pairs the first).
//   clusters  [N], numbers from 0; some may hold no image
// Throws Error(Fault::stopped) on request.
MergeTree merge_tree(const NeighborGraph& graph, const std::vector<int64_t>& clusters,
                     uint64_t seed, const Observer& observer);

}  // namespace nolabel
