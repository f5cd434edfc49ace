// Graphs for tests of communities.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "nolabel/base/random.h"
#include "nolabel/cluster/neighbor_graph.h"

namespace nolabel {

struct TestEdge {
  int64_t from, to;
  float weight = 1;
};

inline NeighborGraph graph_of(int64_t nodes, const std::vector<TestEdge>& edges) {
  std::vector<std::map<int32_t, float>> rows(nodes);
  for (const TestEdge& edge : edges) {
    rows[edge.from][static_cast<int32_t>(edge.to)] = edge.weight;
    rows[edge.to][static_cast<int32_t>(edge.from)] = edge.weight;
  }
  NeighborGraph graph;
  for (const auto& row : rows) {
    graph.degree.push_back(0);
    for (const auto& [target, weight] : row) {
      graph.targets.push_back(target);
      graph.weights.push_back(weight);
      graph.degree.back() += weight;
    }
    graph.offsets.push_back(static_cast<int64_t>(graph.targets.size()));
  }
  return graph;
}

// The block of each node, for blocks of these sizes one after the other.
inline std::vector<int64_t> blocks_of(const std::vector<int64_t>& sizes) {
  std::vector<int64_t> blocks;
  for (size_t b = 0; b < sizes.size(); ++b) {
    blocks.insert(blocks.end(), sizes[b], static_cast<int64_t>(b));
  }
  return blocks;
}

// A planted partition: nodes of one block are joined with probability `inside`, others with
// `outside`. A path joins the nodes of each block, so that each block is connected.
inline NeighborGraph planted_graph(const std::vector<int64_t>& blocks, float inside, float outside,
                                   Random random) {
  std::vector<TestEdge> edges;
  for (size_t i = 0; i < blocks.size(); ++i) {
    for (size_t j = i + 1; j < blocks.size(); ++j) {
      const bool same = blocks[i] == blocks[j];
      const bool joined = random.chance(same ? inside : outside);
      if (joined || (same && j == i + 1)) {
        edges.push_back({static_cast<int64_t>(i), static_cast<int64_t>(j)});
      }
    }
  }
  return graph_of(static_cast<int64_t>(blocks.size()), edges);
}

inline NeighborGraph random_graph(int64_t nodes, float density, uint32_t which) {
  return planted_graph(std::vector<int64_t>(nodes, 0), density, 0,
                       Random(2, Purpose::sample, which));
}

inline std::vector<int64_t> random_communities(int64_t nodes, int64_t count, Random random) {
  std::vector<int64_t> communities(nodes);
  for (int64_t& community : communities) community = static_cast<int64_t>(random.below(count));
  return communities;
}

// Whether the nodes of each community reach each other inside of it.
inline bool all_connected(const NeighborGraph& graph, const std::vector<int64_t>& community) {
  std::vector<char> reached(graph.nodes(), false);
  std::set<int64_t> started;
  for (int32_t first = 0; first < graph.nodes(); ++first) {
    if (reached[first]) continue;
    if (!started.insert(community[first]).second) return false;
    std::vector<int32_t> stack = {first};
    reached[first] = true;
    while (!stack.empty()) {
      const int32_t node = stack.back();
      stack.pop_back();
      for (int64_t edge = graph.offsets[node]; edge < graph.offsets[node + 1]; ++edge) {
        const int32_t target = graph.targets[edge];
        if (reached[target] || community[target] != community[first]) continue;
        reached[target] = true;
        stack.push_back(target);
      }
    }
  }
  return true;
}

inline size_t count_of(const std::vector<int64_t>& communities) {
  return std::set<int64_t>(communities.begin(), communities.end()).size();
}

}  // namespace nolabel
