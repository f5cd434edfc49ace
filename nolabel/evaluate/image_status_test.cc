#include "nolabel/evaluate/image_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nolabel {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

Matrix<int64_t> table(std::vector<std::vector<int64_t>> rows) {
  Matrix<int64_t> result(std::ssize(rows), std::ssize(rows[0]));
  for (size_t i = 0; i < rows.size(); ++i) std::ranges::copy(rows[i], result.row(i));
  return result;
}

TEST(ClusterDoubts, AreTheShareOfNeighborsElsewhere) {
  const std::vector<int> clusters = {0, 0, 1, 1};
  const auto neighbors = table({{0, 1, 2}, {1, 0, -1}, {2, 0, 1}, {3, 2, 3}});
  EXPECT_THAT(cluster_doubts(clusters, 2, neighbors, {}), ElementsAre(0.5, 0, 1, 0));
}

TEST(ClusterDoubts, OtherModelsAreMatchedFirst) {
  const std::vector<int> clusters = {0, 0, 0, 1, 1};
  const auto neighbors = table({{0, 1}, {1, 0}, {2, 0}, {3, 4}, {4, 3}});
  // Cluster 0 is its column 1; of image 2 it thinks otherwise.
  Matrix<float> other(5, 2);
  other.values = {0.1f, 0.9f, 0.2f, 0.8f, 0.7f, 0.3f, 1, 0, 0.6f, 0.4f};
  const auto doubts = cluster_doubts(clusters, 2, neighbors, {&other});
  EXPECT_THAT(doubts, ElementsAre(DoubleNear(0.05, 1e-6), DoubleNear(0.1, 1e-6),
                                  DoubleNear(0.35, 1e-6), 0, DoubleNear(0.2, 1e-6)));
  // A model with fewer clusters has none for one of them.
  Matrix<float> coarse(5, 1);
  coarse.values.assign(5, 1);
  EXPECT_THAT(cluster_doubts(clusters, 2, neighbors, {&coarse}), ElementsAre(0, 0, 0, 0.5, 0.5));
}

TEST(StandOut, IsTukeysFence) {
  std::vector<float> distances;
  for (int i = 0; i < 20; ++i) distances.push_back(static_cast<float>(i));
  distances.push_back(30);  // quartiles 5 and 15, so the fence is at 30
  EXPECT_FALSE(stand_out(distances).back());
  distances.back() = 30.01f;
  std::vector<bool> expected(21, false);
  expected.back() = true;
  EXPECT_EQ(stand_out(distances), expected);
  EXPECT_EQ(stand_out({1, 1, 100}), std::vector<bool>(3, false));
}

TEST(StatusName, IsWhatAssignmentsSay) {
  EXPECT_STREQ(status_name(ImageStatus::unsure), "unsure");
}

}  // namespace
}  // namespace nolabel
