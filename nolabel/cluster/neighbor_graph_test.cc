#include "nolabel/cluster/neighbor_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"

namespace nolabel {
namespace {

Matrix<int64_t> table_of(const std::vector<std::vector<int64_t>>& rows) {
  Matrix<int64_t> table(static_cast<int64_t>(rows.size()),
                        static_cast<int64_t>(rows.front().size()));
  for (int64_t i = 0; i < table.rows; ++i) {
    std::copy(rows[i].begin(), rows[i].end(), table.row(i));
  }
  return table;
}

// Random rows: any images in any order, the image itself and -1 anywhere or nowhere, images twice.
Matrix<int64_t> random_table(int64_t images, int64_t columns, Random random) {
  Matrix<int64_t> table(images, columns);
  for (int64_t& value : table.values) {
    value = static_cast<int64_t>(random.below(images + 1)) - 1;
  }
  for (int64_t i = 0; i < images; ++i) table.at(i, i % columns) = i;
  return table;
}

// [N,N] weights by the definition.
Matrix<float> obvious_weights(const Matrix<int64_t>& table, int neighbors) {
  Matrix<float> named(table.rows, table.rows);
  for (int64_t i = 0; i < table.rows; ++i) {
    int found = 0;
    for (int64_t j = 0; j < table.columns && found < neighbors; ++j) {
      const int64_t neighbor = table.at(i, j);
      if (neighbor < 0 || neighbor == i || named.at(i, neighbor) == 1) continue;
      named.at(i, neighbor) = 1;
      ++found;
    }
  }
  Matrix<float> weights(table.rows, table.rows);
  for (int64_t i = 0; i < table.rows; ++i) {
    for (int64_t j = 0; j < table.rows; ++j) weights.at(i, j) = named.at(i, j) + named.at(j, i);
  }
  return weights;
}

TEST(NeighborGraph, IsTheObviousOne) {
  for (uint32_t trial = 0; trial < 20; ++trial) {
    const Matrix<int64_t> table = random_table(3 + 5 * trial, 7, Random(1, Purpose::sample, trial));
    const Matrix<float> expected = obvious_weights(table, 4);
    const NeighborGraph graph = neighbor_graph(table, 4);
    ASSERT_EQ(graph.nodes(), table.rows);
    ASSERT_EQ(graph.offsets.size(), table.rows + 1);
    int64_t edge = 0;
    for (int64_t i = 0; i < table.rows; ++i) {
      double degree = 0;
      EXPECT_EQ(graph.offsets[i], edge);
      for (int64_t j = 0; j < table.rows; ++j) {
        if (expected.at(i, j) == 0) continue;
        ASSERT_LT(edge, static_cast<int64_t>(graph.targets.size()));
        EXPECT_EQ(graph.targets[edge], j);
        EXPECT_EQ(graph.weights[edge], expected.at(i, j));
        degree += expected.at(i, j);
        ++edge;
      }
      EXPECT_EQ(graph.degree[i], degree);
    }
    EXPECT_EQ(graph.offsets.back(), edge);
    EXPECT_EQ(static_cast<int64_t>(graph.targets.size()), edge);
  }
}

TEST(NeighborGraph, LeavesOutTheImageItselfWhereverItStands) {
  // Image 1 is a duplicate of image 0 and stands before it.
  const NeighborGraph graph =
      neighbor_graph(table_of({{1, 0, 2}, {0, 1, 2}, {2, -1, 0}, {3, -1, -1}}), 1);
  EXPECT_EQ(graph.offsets, (std::vector<int64_t>{0, 2, 3, 4, 4}));
  EXPECT_EQ(graph.targets, (std::vector<int32_t>{1, 2, 0, 0}));
  EXPECT_EQ(graph.weights, (std::vector<float>{2, 1, 2, 1}));
  EXPECT_EQ(graph.degree, (std::vector<double>{3, 2, 1, 0}));
}

TEST(NeighborGraph, TakesOneImage) {
  const NeighborGraph graph = neighbor_graph(table_of({{0, -1}}), 1);
  EXPECT_EQ(graph.nodes(), 1);
  EXPECT_TRUE(graph.targets.empty());
}

TEST(NeighborGraph, RefusesOtherIndicesAndTooManyNeighbors) {
  EXPECT_THROW(neighbor_graph(table_of({{0, 2}, {1, 0}}), 1), Error);
  EXPECT_THROW(neighbor_graph(table_of({{0, -2}, {1, 0}}), 1), Error);
  EXPECT_THROW(neighbor_graph(table_of({{0, 1}, {1, 0}}), 2), Error);
  EXPECT_THROW(neighbor_graph(table_of({{0, 1}, {1, 0}}), 0), Error);
}

}  // namespace
}  // namespace nolabel
