#include "nolabel/cluster/communities.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/base/npy.h"
#include "nolabel/base/random.h"
#include "nolabel/cluster/graph_testing.h"

namespace nolabel {
namespace {

// The double sum of the definition.
double obvious_modularity(const NeighborGraph& graph, const std::vector<int64_t>& community,
                          double resolution) {
  const double total = std::accumulate(graph.degree.begin(), graph.degree.end(), 0.0);
  double sum = 0;
  for (int64_t i = 0; i < graph.nodes(); ++i) {
    for (int64_t j = 0; j < graph.nodes(); ++j) {
      if (community[i] != community[j]) continue;
      sum -= resolution * graph.degree[i] * graph.degree[j] / total;
      for (int64_t edge = graph.offsets[i]; edge < graph.offsets[i + 1]; ++edge) {
        if (graph.targets[edge] == j) sum += graph.weights[edge];
      }
    }
  }
  return sum / total;
}

NeighborGraph golden_graph() {
  return neighbor_graph(read_npy_int64(NOLABEL_TEST_DATA "/communities_table.npy"), 10);
}

TEST(Modularity, IsTheDoubleSum) {
  const NeighborGraph graph = golden_graph();
  for (const double resolution : {0.0, 0.5, 1.0, 3.0}) {
    const std::vector<int64_t> community =
        random_communities(graph.nodes(), 7, Random(1, Purpose::sample));
    EXPECT_NEAR(modularity(graph, community, resolution),
                obvious_modularity(graph, community, resolution), 1e-12);
  }
}

TEST(Modularity, OfTwoTrianglesAndOfNoEdges) {
  const NeighborGraph graph = graph_of(6, {{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}, {2, 3}});
  EXPECT_NEAR(modularity(graph, {0, 0, 0, 1, 1, 1}), 12.0 / 14 - 0.5, 1e-12);
  EXPECT_EQ(modularity(graph_of(3, {}), {0, 1, 1}), 0);
}

TEST(Leiden, FindsPlantedBlocksNumberedBySize) {
  const std::vector<int64_t> blocks = blocks_of({90, 60, 60, 40});
  for (uint32_t trial = 0; trial < 5; ++trial) {
    const NeighborGraph graph =
        planted_graph(blocks, 0.3F, 0.01F, Random(4, Purpose::sample, trial));
    EXPECT_EQ(leiden(graph, {.seed = trial}, {}), blocks);
  }
  // The same with the smallest block first and the largest last.
  std::vector<int64_t> mirrored(blocks.rbegin(), blocks.rend());
  const NeighborGraph graph = planted_graph(mirrored, 0.3F, 0.01F, Random(4, Purpose::sample));
  for (int64_t& block : mirrored) block = block == 1 ? 2 : block == 2 ? 1 : block;
  EXPECT_EQ(leiden(graph, {}, {}), mirrored);
}

// Golden: the best of five seeds of leidenalg.
TEST(Leiden, ReachesTheModularityOfLeidenalg) {
  const NeighborGraph graph = golden_graph();
  const Matrix<float> golden = read_npy_float(NOLABEL_TEST_DATA "/communities_modularity.npy");
  ASSERT_EQ(golden.rows, 3);
  for (int64_t i = 0; i < golden.rows; ++i) {
    const double resolution = golden.at(i, 0);
    for (uint64_t seed = 0; seed < 3; ++seed) {
      const double reached = modularity(
          graph, leiden(graph, {.resolution = resolution, .seed = seed}, {}), resolution);
      EXPECT_GT(reached, 0.995 * golden.at(i, 1)) << "resolution " << resolution;
    }
  }
}

TEST(Leiden, EveryCommunityIsConnected) {
  for (uint32_t trial = 0; trial < 10; ++trial) {
    const NeighborGraph graph = random_graph(700, 0.005F, trial);
    for (const double resolution : {0.1, 0.3, 1.0, 4.0}) {
      const LeidenOptions options{.resolution = resolution, .seed = trial};
      EXPECT_TRUE(all_connected(graph, leiden(graph, options, {})));
    }
  }
}

// The paper's guarantee after each iteration: no two communities gain by merging.
TEST(Leiden, CommunitiesAreSeparated) {
  for (uint32_t trial = 0; trial < 5; ++trial) {
    const NeighborGraph graph = random_graph(100, 0.05F, trial);
    const std::vector<int64_t> community = leiden(graph, {.iterations = 1}, {});
    const double reached = modularity(graph, community);
    const auto count = static_cast<int64_t>(count_of(community));
    EXPECT_GT(count, 2);
    for (int64_t a = 0; a < count; ++a) {
      for (int64_t b = a + 1; b < count; ++b) {
        std::vector<int64_t> merged = community;
        std::replace(merged.begin(), merged.end(), b, a);
        EXPECT_LE(modularity(graph, merged), reached + 1e-12);
      }
    }
  }
}

TEST(Leiden, MoreIterationsNeverLose) {
  const NeighborGraph graph = random_graph(300, 0.02F, 1);
  double before = -1;
  for (int iterations = 1; iterations < 6; ++iterations) {
    const double reached = modularity(graph, leiden(graph, {.iterations = iterations}, {}));
    EXPECT_GE(reached, before - 1e-12);
    before = reached;
  }
}

TEST(Leiden, SameSeedSameResult) {
  const NeighborGraph graph = random_graph(200, 0.03F, 0);
  EXPECT_EQ(leiden(graph, {.seed = 5}, {}), leiden(graph, {.seed = 5}, {}));
  EXPECT_NE(leiden(graph, {.seed = 5}, {}), leiden(graph, {.seed = 6}, {}));
}

TEST(Leiden, TakesGraphsWithoutEdgesAndExtremeResolutions) {
  EXPECT_TRUE(leiden({}, {}, {}).empty());
  EXPECT_EQ(leiden(graph_of(1, {}), {}, {}), std::vector<int64_t>{0});
  EXPECT_EQ(leiden(graph_of(3, {}), {}, {}), (std::vector<int64_t>{0, 1, 2}));
  const NeighborGraph graph = graph_of(6, {{0, 1}, {2, 3}, {3, 4}, {4, 5}});
  EXPECT_EQ(leiden(graph, {.resolution = 0}, {}), (std::vector<int64_t>{1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(leiden(graph, {.resolution = 1e9}, {}), (std::vector<int64_t>{0, 1, 2, 3, 4, 5}));
}

TEST(Leiden, StopsOnRequest) {
  Observer observer;
  observer.cancel.request();
  EXPECT_THROW(leiden(random_graph(20, 0.2F, 0), {}, observer), Error);
}

}  // namespace
}  // namespace nolabel
