#include <gtest/gtest.h>

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/cluster/communities.h"
#include "nolabel/cluster/graph_testing.h"

namespace nolabel {
namespace {

// Cliques of these sizes, one after the other, each joined with the next by one edge.
NeighborGraph chain_of_cliques(const std::vector<int64_t>& sizes) {
  const std::vector<int64_t> blocks = blocks_of(sizes);
  std::vector<TestEdge> edges;
  for (size_t i = 0; i < blocks.size(); ++i) {
    for (size_t j = i + 1; j < blocks.size(); ++j) {
      if (blocks[i] == blocks[j] || j == i + 1) {
        edges.push_back({static_cast<int64_t>(i), static_cast<int64_t>(j)});
      }
    }
  }
  return graph_of(static_cast<int64_t>(blocks.size()), edges);
}

// As in a graph of k neighbors, a node of a large block has no more edges than others: each node
// draws `neighbors` others of its block, or takes all of a smaller block. One edge of
// half the weight joins each block with the next.
NeighborGraph chain_of_blocks(const std::vector<int64_t>& sizes, int neighbors, Random random) {
  std::vector<TestEdge> edges;
  int64_t first = 0;
  for (const int64_t size : sizes) {
    for (int64_t i = 0; i < size; ++i) {
      for (int64_t j = 1; j <= std::min<int64_t>(neighbors, size - 1); ++j) {
        const int64_t step =
            size <= neighbors + 1 ? j : 1 + static_cast<int64_t>(random.below(size - 1));
        edges.push_back({first + i, first + (i + step) % size, 2});
      }
    }
    if (first > 0) edges.push_back({first - 1, first});
    first += size;
  }
  return graph_of(first, edges);
}

TEST(CommunitiesOfCount, FindsBlocksOfVeryDifferentSizes) {
  const std::vector<std::vector<int64_t>> cases = {
      {60, 20, 10, 4}, {80, 40, 40, 20, 12}, {200, 60, 20, 20, 6}, {30, 30}, {12}};
  for (const auto& sizes : cases) {
    const NeighborGraph graph = chain_of_blocks(sizes, 10, Random(6, Purpose::sample));
    // From far too low and far too high a resolution too.
    for (const double resolution : {1.0, 1e-4, 1e4}) {
      const int clusters = static_cast<int>(sizes.size());
      EXPECT_EQ(communities_of_count(graph, clusters, {.resolution = resolution}, {}),
                blocks_of(sizes))
          << clusters << " blocks from resolution " << resolution;
    }
  }
}

TEST(CommunitiesOfCount, ReachesAnyCountOnPlantedBlocks) {
  const NeighborGraph graph =
      planted_graph(blocks_of({90, 60, 50, 40, 30, 30}), 0.3F, 0.01F, Random(8, Purpose::sample));
  for (int clusters = 1; clusters <= 12; ++clusters) {
    const std::vector<int64_t> found = communities_of_count(graph, clusters, {}, {});
    EXPECT_EQ(count_of(found), clusters);
    EXPECT_EQ(*std::max_element(found.begin(), found.end()), clusters - 1);
  }
}

// Three cliques, not joined: below three, no resolution gives the count.
TEST(CommunitiesOfCount, MergesComponentsIfTheyAreTooMany) {
  const NeighborGraph graph =
      planted_graph(blocks_of({12, 5, 4}), 1, 0, Random(1, Purpose::sample));
  EXPECT_EQ(communities_of_count(graph, 3, {}, {}), blocks_of({12, 5, 4}));
  EXPECT_EQ(communities_of_count(graph, 2, {}, {}), blocks_of({12, 9}));
  EXPECT_EQ(communities_of_count(graph, 1, {}, {}), blocks_of({21}));
}

// Four equal cliques in a ring cannot give 3 communities. The pair with the heaviest edge merges.
TEST(CommunitiesOfCount, MergesThePairThatLosesLeast) {
  std::vector<TestEdge> edges = {{0, 5}, {6, 10}, {11, 15, 1.5F}, {16, 1}};
  for (int64_t i = 0; i < 20; ++i) {
    for (int64_t j = i + 1; j < 20; ++j) {
      if (i / 5 == j / 5) edges.push_back({i, j, 20});
    }
  }
  const std::vector<int64_t> found = communities_of_count(graph_of(20, edges), 3, {}, {});
  std::vector<int64_t> expected = blocks_of({5, 5, 10});  // before they are numbered by size
  for (int64_t& cluster : expected) cluster = (cluster + 1) % 3;
  EXPECT_EQ(found, expected);
}

// With 1,103 nodes, a large community has 3 nodes or more. A pair hangs on the second block, and
// one node has no edge.
TEST(CommunitiesOfCount, SmallCommunitiesJoinByTheVoteOfTheirNeighbors) {
  std::vector<int64_t> blocks = blocks_of({600, 500});
  NeighborGraph planted = planted_graph(blocks, 0.1F, 0.002F, Random(5, Purpose::sample));
  std::vector<TestEdge> edges = {{1000, 1100, 1}, {1100, 1101, 3}};
  for (int64_t v = 0; v < planted.nodes(); ++v) {
    for (int64_t edge = planted.offsets[v]; edge < planted.offsets[v + 1]; ++edge) {
      edges.push_back({v, planted.targets[edge]});
    }
  }
  blocks.insert(blocks.end(), {1, 1, 0});
  const NeighborGraph graph = graph_of(1103, edges);
  ASSERT_EQ(count_of(leiden(graph, {}, {})), 4);
  EXPECT_EQ(communities_of_count(graph, 2, {}, {}), blocks);
}

// With 2,000 nodes, a large community has 4 nodes or more.
TEST(CommunitiesOfCount, SmallerCommunitiesCountIfThereAreTooFewLargeOnes) {
  const std::vector<int64_t> triangles = blocks_of(std::vector<int64_t>(20, 3));
  std::vector<TestEdge> edges;
  for (int64_t v = 0; v < 60; ++v) edges.push_back({v, v - v % 3 + (v + 1) % 3});
  const std::vector<int64_t> found = communities_of_count(graph_of(2000, edges), 20, {}, {});
  for (int64_t v = 0; v < 60; ++v) EXPECT_EQ(found[v], triangles[v]);
}

TEST(CommunitiesOfCount, GivesFewerIfTheConnectedNodesAreTooFew) {
  const NeighborGraph pairs = graph_of(8, {{0, 1}, {2, 3}});
  EXPECT_EQ(communities_of_count(pairs, 5, {}, {}), (std::vector<int64_t>{0, 0, 1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(communities_of_count(graph_of(4, {}), 3, {}, {}), std::vector<int64_t>(4, 0));
  EXPECT_EQ(communities_of_count(graph_of(1, {}), 1, {}, {}), std::vector<int64_t>{0});
  // K = N: a cluster has two nodes or more.
  const std::vector<int64_t> found = communities_of_count(chain_of_cliques({4, 4}), 8, {}, {});
  EXPECT_GE(count_of(found), 2);
  EXPECT_LE(count_of(found), 4);
}

TEST(CommunitiesOfCount, SameSeedSameResult) {
  const NeighborGraph graph = planted_graph(blocks_of({200}), 0.04F, 0, Random(3, Purpose::sample));
  for (int clusters = 2; clusters < 9; ++clusters) {
    EXPECT_EQ(communities_of_count(graph, clusters, {.seed = 2}, {}),
              communities_of_count(graph, clusters, {.seed = 2}, {}));
  }
}

TEST(CommunitiesOfCount, StopsOnRequest) {
  Observer observer;
  observer.cancel.request();
  EXPECT_THROW(communities_of_count(chain_of_cliques({4, 4}), 2, {}, observer), Error);
}

}  // namespace
}  // namespace nolabel
