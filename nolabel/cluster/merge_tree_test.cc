#include "nolabel/cluster/merge_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "nolabel/base/error.h"
#include "nolabel/cluster/graph_testing.h"

namespace nolabel {
namespace {

// Six blocks of 20; blocks 0 and 1, 2 and 3, and 4 and 5 are joined by more edges than others.
NeighborGraph paired_blocks() {
  const std::vector<int64_t> blocks = blocks_of({20, 20, 20, 20, 20, 20});
  Random random(8, Purpose::sample);
  std::vector<TestEdge> edges;
  for (int64_t i = 0; i < 120; ++i) {
    for (int64_t j = i + 1; j < 120; ++j) {
      const int64_t a = blocks[i], b = blocks[j];
      const float chance = a == b ? 0.6F : a / 2 == b / 2 ? 0.08F : 0.005F;
      if (random.chance(chance)) edges.push_back({i, j});
    }
  }
  return graph_of(120, edges);
}

std::vector<int64_t> pairs() {
  return blocks_of({40, 40, 40});
}

// The group of each image after so many merges.
std::vector<int64_t> groups_after(const MergeTree& tree, size_t merges) {
  std::vector<int64_t> groups = tree.part;
  for (size_t i = 0; i < merges; ++i) {
    for (int64_t& group : groups)
      group = group == tree.merges[i].second ? tree.merges[i].first : group;
  }
  return groups;
}

bool same_partition(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  std::set<std::pair<int64_t, int64_t>> pairs;
  for (size_t i = 0; i < a.size(); ++i) pairs.insert({a[i], b[i]});
  return pairs.size() == std::set(a.begin(), a.end()).size() &&
         pairs.size() == std::set(b.begin(), b.end()).size();
}

TEST(MergeTree, PassesThroughTheClusters) {
  const MergeTree tree = merge_tree(paired_blocks(), pairs(), 0, {});
  ASSERT_GE(tree.parts(), 6);
  ASSERT_EQ(tree.merges.size(), static_cast<size_t>(tree.parts() - 2));
  const std::vector<int64_t> clusters = groups_after(tree, tree.parts() - 3);
  EXPECT_TRUE(same_partition(clusters, pairs()));
  for (size_t i = 0; i < tree.part.size(); ++i) {
    EXPECT_EQ(tree.cluster_of[tree.part[i]], pairs()[i]);
  }
}

TEST(MergeTree, PartsAreTheCommunitiesInAClusterAndJoinLast) {
  const MergeTree tree = merge_tree(paired_blocks(), pairs(), 0, {});
  EXPECT_TRUE(
      same_partition(groups_after(tree, tree.parts() - 6), blocks_of({20, 20, 20, 20, 20, 20})));
}

TEST(MergeTree, ClustersWithTheMostEdgesForTheirSizesMergeFirst) {
  const std::vector<int64_t> blocks = blocks_of({20, 20, 20, 20, 20, 20});
  const MergeTree tree = merge_tree(paired_blocks(), blocks, 0, {});
  EXPECT_TRUE(same_partition(groups_after(tree, tree.parts() - 3), pairs()));
}

TEST(MergeTree, TakesClustersWithoutImagesOrEdges) {
  const NeighborGraph apart = graph_of(8, {{0, 1}, {2, 3}, {4, 5}, {6, 7}});
  const MergeTree tree = merge_tree(apart, {0, 0, 0, 0, 4, 4, 2, 2}, 0, {});
  EXPECT_EQ(tree.parts(), 3);
  EXPECT_THAT(tree.cluster_of, testing::ElementsAre(0, 2, 4));
  EXPECT_EQ(tree.merges.size(), 1u);
}

TEST(MergeTree, OfTwoClustersOnlySplits) {
  const MergeTree tree = merge_tree(paired_blocks(), blocks_of({60, 60}), 0, {});
  EXPECT_EQ(tree.merges.size(), static_cast<size_t>(tree.parts() - 2));
  EXPECT_TRUE(same_partition(groups_after(tree, tree.merges.size()), blocks_of({60, 60})));
}

TEST(MergeTree, StopsOnRequest) {
  Observer observer;
  observer.cancel.request();
  EXPECT_THROW(merge_tree(paired_blocks(), pairs(), 0, observer), Error);
}

}  // namespace
}  // namespace nolabel
