#include "nolabel/evaluate/cluster_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/evaluate/golden_test.h"

namespace nolabel {
namespace {

TEST(Silhouette, EqualsScikitLearns) {
  for (const auto& c : golden("silhouettes")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const auto value = silhouette(c.at("clusters").get<std::vector<int>>(),
                                  matrix_from<float>(c.at("features")), {.threads = 2});
    ASSERT_TRUE(value.has_value());
    EXPECT_NEAR(*value, c.at("silhouette").get<double>(), 1e-5);
  }
}

TEST(Silhouette, OfASampleIsNearThatOfAllAndDependsOnTheSeedOnly) {
  Matrix<float> x(400, 1);
  std::vector<int> clusters(400);
  for (int i = 0; i < 400; ++i) {
    clusters[i] = i % 4;
    x.at(i, 0) = 10.f * (i % 4) + static_cast<float>(i % 7);
  }
  const double all = *silhouette(clusters, x, {});
  const double one = *silhouette(clusters, x, {.images = 100, .seed = 1});
  EXPECT_EQ(one, *silhouette(clusters, x, {.images = 100, .seed = 1, .threads = 2}));
  EXPECT_NE(one, *silhouette(clusters, x, {.images = 100, .seed = 2}));
  EXPECT_NEAR(one, all, .05);
}

TEST(Silhouette, IsUndefinedForOneClusterAllSingletonsAndOneImage) {
  const Matrix<float> x(3, 2);
  EXPECT_FALSE(silhouette(std::vector{1, 1, 1}, x, {}).has_value());
  EXPECT_FALSE(silhouette(std::vector{0, 1, 2}, x, {}).has_value());
  EXPECT_FALSE(silhouette(std::vector{0}, Matrix<float>(1, 2), {}).has_value());
}

TEST(Silhouette, OfCoincidingImagesIsZero) {
  EXPECT_EQ(silhouette(std::vector{0, 0, 1, 1}, Matrix<float>(4, 2), {}), 0);
}

TEST(NeighborAgreement, LeavesOutTheAnchorWhereverItStands) {
  Matrix<int64_t> table(4, 3);
  table.values = {0, 1, 2,   // itself first: neighbors 1 (same), 2 (other)
                  0, 1, 2,   // a duplicate before it: neighbors 0 (same), 2 (other)
                  3, 2, 0,   // neighbors 3 (same), 0 (other)
                  0, 1, 2};  // pushed out of its row: column 0 goes; 1 (other), 2 (same)
  EXPECT_DOUBLE_EQ(neighbor_agreement(std::vector{0, 0, 1, 1}, table), .5);
}

TEST(NeighborAgreement, CountsOnlyNeighborsThatAreThere) {
  Matrix<int64_t> table(3, 4);
  table.values = {0,  1, -1, -1,  // 1 (same)
                  1,  0, 2,  -1,  // 0 (same), 2 (other)
                  -1, 2, -1, 0};  // 0 (other)
  EXPECT_DOUBLE_EQ(neighbor_agreement(std::vector{0, 0, 1}, table), .5);
}

TEST(NeighborAgreement, RefusesATableOfOtherData) {
  Matrix<int64_t> table(2, 2);
  table.values = {0, 1, 1, 2};
  EXPECT_THROW(neighbor_agreement(std::vector{0, 0}, table), Error);
  EXPECT_THROW(neighbor_agreement(std::vector{0, 0, 0}, table), Error);
}

TEST(NeighborAgreement, WithoutNeighborsIsZero) {
  EXPECT_EQ(neighbor_agreement(std::vector{0}, Matrix<int64_t>(1, 1)), 0);
}

TEST(ClusterStatistics, CountsSizesEntropyAndConfidence) {
  Matrix<float> p(2, 3);
  p.values = {1, 0, 0, .25f, .75f, 0};
  const ClusterStatistics s = cluster_statistics(p, nullptr, nullptr, {});
  EXPECT_EQ(s.sizes, (std::vector<int64_t>{1, 1, 0}));
  EXPECT_EQ(s.empty_clusters, 1);
  EXPECT_DOUBLE_EQ(s.mean_confidence, .875);
  EXPECT_NEAR(s.entropy, -.625 * std::log(.625) - .375 * std::log(.375), 1e-12);
  EXPECT_FALSE(s.neighbor_agreement.has_value());
  EXPECT_FALSE(s.silhouette.has_value());
}

TEST(ClusterStatistics, EntropyOfEvenUseIsLogK) {
  Matrix<float> p(4, 4);
  for (int i = 0; i < 4; ++i) p.at(i, i) = 1;
  EXPECT_NEAR(cluster_statistics(p, nullptr, nullptr, {}).entropy, std::log(4.), 1e-12);
}

}  // namespace
}  // namespace nolabel
