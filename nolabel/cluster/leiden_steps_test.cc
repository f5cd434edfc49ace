#include "nolabel/cluster/leiden_steps.h"

#include <gtest/gtest.h>

#include <numeric>

#include "nolabel/base/matrix.h"
#include "nolabel/base/random.h"
#include "nolabel/cluster/communities.h"
#include "nolabel/cluster/graph_testing.h"
#include "nolabel/cluster/partition.h"

namespace nolabel {
namespace {

double price_of(const NeighborGraph& graph, double resolution) {
  return resolution / std::accumulate(graph.degree.begin(), graph.degree.end(), 0.0);
}

std::vector<int32_t> narrowed(const std::vector<int64_t>& values) {
  return {values.begin(), values.end()};
}

std::vector<int32_t> refined(const NeighborGraph& graph, const std::vector<int64_t>& community,
                             double resolution, uint32_t trial) {
  return refine(graph, price_of(graph, resolution), narrowed(community),
                Random(trial, Purpose::communities, 0), Random(trial, Purpose::communities, 1), {});
}

// One call may leave a gain behind: a community that another node has left costs less degree for
// all nodes, but only the neighbors of that node are visited again.
TEST(LeidenSteps, NoNodeGainsAfterMovesThatChangeNothing) {
  const NeighborGraph graph = random_graph(120, 0.05F, 3);
  std::vector<int32_t> moved = narrowed(random_communities(120, 120, Random(2, Purpose::sample)));
  std::vector<int32_t> before;
  for (uint32_t i = 0; moved != before; ++i) {
    ASSERT_LT(i, 50U);
    before = moved;
    move_nodes(graph, price_of(graph, 1), moved, Random(2, Purpose::communities, i), {});
  }
  number_in_order(moved);
  std::vector<int64_t> community(moved.begin(), moved.end());
  const double reached = modularity(graph, community);
  const auto count = static_cast<int64_t>(count_of(community));
  for (int64_t v = 0; v < graph.nodes(); ++v) {
    const int64_t own = community[v];
    for (community[v] = 0; community[v] <= count; ++community[v]) {  // count: a new community
      EXPECT_LE(modularity(graph, community), reached + 1e-9);
    }
    community[v] = own;
  }
}

// Random communities are hardly connected.
TEST(LeidenSteps, RefinementSplitsCommunitiesIntoConnectedParts) {
  for (uint32_t trial = 0; trial < 10; ++trial) {
    const NeighborGraph graph = random_graph(100, 0.05F, trial);
    const std::vector<int64_t> community =
        random_communities(100, 3, Random(7, Purpose::sample, trial));
    ASSERT_FALSE(all_connected(graph, community));
    const std::vector<int32_t> part = refined(graph, community, 0.5, trial);
    EXPECT_TRUE(all_connected(graph, {part.begin(), part.end()}));
    EXPECT_LT(count_of({part.begin(), part.end()}), 80);
    std::vector<int64_t> community_of(100, -1);
    for (int64_t v = 0; v < 100; ++v) {
      int64_t& c = community_of[part[v]];
      if (c < 0) c = community[v];
      EXPECT_EQ(c, community[v]);
    }
  }
}

TEST(LeidenSteps, AggregateSumsWeightsAndKeepsDegrees) {
  const NeighborGraph graph = random_graph(60, 0.2F, 4);
  std::vector<int32_t> part = narrowed(random_communities(60, 6, Random(5, Purpose::sample)));
  ASSERT_EQ(number_in_order(part), 6);
  Matrix<double> weights(6, 6), found(6, 6);
  std::vector<double> degrees(6, 0);
  for (int64_t v = 0; v < graph.nodes(); ++v) {
    degrees[part[v]] += graph.degree[v];
    for (int64_t edge = graph.offsets[v]; edge < graph.offsets[v + 1]; ++edge) {
      const int32_t other = part[graph.targets[edge]];
      if (other != part[v]) weights.at(part[v], other) += graph.weights[edge];
    }
  }
  const NeighborGraph aggregated = aggregate(graph, part, 6);
  for (int64_t p = 0; p < aggregated.nodes(); ++p) {
    for (int64_t edge = aggregated.offsets[p]; edge < aggregated.offsets[p + 1]; ++edge) {
      found.at(p, aggregated.targets[edge]) += aggregated.weights[edge];
    }
  }
  EXPECT_EQ(aggregated.degree, degrees);
  EXPECT_EQ(found.values, weights.values);
}

}  // namespace
}  // namespace nolabel
