#include "nolabel/cluster/cluster_count.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nolabel/base/random.h"
#include "nolabel/model/model.h"
#include "nolabel/neighbors/nearest.h"

namespace nolabel {
namespace {

// Images in 64 dimensions around centers with the same spread as the images of a group, or with
// `spread` times as much. The first group has `share` of the images, the others equal parts of the
// rest.
NeighborGraph graph_of_groups(int groups, double share, int64_t images, float spread = 1) {
  constexpr int64_t dimensions = 64;
  at::Tensor rows = at::empty({images, dimensions});
  float* value = rows.mutable_data_ptr<float>();
  const auto in_first = static_cast<int64_t>(share * static_cast<double>(images));
  for (int64_t i = 0; i < images; ++i) {
    const int64_t group = i < in_first ? 0 : 1 + i % (groups - 1);
    Random center(3, Purpose::sample, 0, static_cast<uint32_t>(group));
    Random place(3, Purpose::sample, 1, static_cast<uint32_t>(i));
    for (int64_t d = 0; d < dimensions; ++d) {
      *value++ = static_cast<float>(spread * center.normal() + place.normal());
    }
  }
  const at::Tensor unit = unit_rows(rows - rows.mean(0)).contiguous();
  return neighbor_graph(find_nearest_to_each_other(unit, {.count = 16}, {}).indices, 15);
}

TEST(ClusterCount, FindsSeparateGroupsEvenAndSkewed) {
  for (const int groups : {7, 12, 30}) {
    for (const double share : {1.0 / groups, 0.5}) {
      const NeighborGraph graph = graph_of_groups(groups, share, groups == 30 ? 4000 : 2000);
      const ClusterCount count = estimate_cluster_count(graph, 0, {});
      EXPECT_LE(std::abs(count.estimate - groups), groups / 5) << groups << " share " << share;
      EXPECT_LE(count.low, groups) << groups << " share " << share;
      EXPECT_GE(count.high, groups) << groups << " share " << share;
    }
  }
}

TEST(ClusterCount, IsClearWhereGroupsAreSeparate) {
  const ClusterCount count = estimate_cluster_count(graph_of_groups(7, 1.0 / 7, 2000), 0, {});
  EXPECT_TRUE(count.is_clear);
  EXPECT_EQ(count.low, 7);
}

TEST(ClusterCount, GivesARangeWhereThereAreNoGroups) {
  const ClusterCount count =
      estimate_cluster_count(graph_of_groups(7, 1.0 / 7, 2000, /*spread=*/0), 0, {});
  EXPECT_FALSE(count.is_clear);
  EXPECT_GT(count.high, 1.5 * count.low);
}

TEST(ClusterCount, HasAtLeastTwoAndAtMostAllImages) {
  Matrix<int64_t> table(2, 2);
  table.values = {0, 1, 1, 0};
  const NeighborGraph pair = neighbor_graph(table, 1);
  const ClusterCount count = estimate_cluster_count(pair, 0, {});
  EXPECT_EQ(count.estimate, 2);
  EXPECT_EQ(count.low, 2);
  EXPECT_EQ(count.high, 2);
  EXPECT_FALSE(count.is_clear);  // they are one community
}

}  // namespace
}  // namespace nolabel
