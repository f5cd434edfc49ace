#include "nolabel/cluster/spherical_kmeans.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <set>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/model/model.h"

namespace nolabel {
namespace {

// Directions near the first `kinds` axes, the kinds by turns.
at::Tensor directions(int64_t images, int64_t kinds, int64_t depth, double noise) {
  at::Tensor rows = at::empty({images, depth}, at::kFloat);
  auto value = rows.accessor<float, 2>();
  Random random(5, Purpose::sample);
  for (int64_t i = 0; i < images; ++i) {
    for (int64_t d = 0; d < depth; ++d) {
      value[i][d] = static_cast<float>(noise * random.normal() + (i % kinds == d ? 1 : 0));
    }
  }
  return unit_rows(rows);
}

std::vector<int64_t> clusters_after(const at::Tensor& rows, int clusters, int iterations,
                                    uint64_t seed = 1) {
  return spherical_kmeans(rows, clusters, iterations, Random(seed, Purpose::consensus), {});
}

// Each image to the center of the largest inner product, among the directions of the clusters'
// sums.
std::vector<int64_t> slow_iteration(const at::Tensor& rows, const std::vector<int64_t>& before,
                                    int64_t clusters) {
  const int64_t images = rows.size(0), depth = rows.size(1);
  const auto value = rows.accessor<float, 2>();
  std::vector<std::vector<double>> centers(clusters, std::vector<double>(depth, 0));
  for (int64_t i = 0; i < images; ++i) {
    for (int64_t d = 0; d < depth; ++d) centers[before[i]][d] += value[i][d];
  }
  for (std::vector<double>& center : centers) {
    double square = 0;
    for (const double x : center) square += x * x;
    for (double& x : center) x /= std::sqrt(square);
  }
  std::vector<int64_t> after(images);
  for (int64_t i = 0; i < images; ++i) {
    double largest = -2;
    for (int64_t k = 0; k < clusters; ++k) {
      double product = 0;
      for (int64_t d = 0; d < depth; ++d) product += value[i][d] * centers[k][d];
      if (product > largest) largest = product, after[i] = k;
    }
  }
  return after;
}

size_t different(const std::vector<int64_t>& clusters) {
  return std::set<int64_t>(clusters.begin(), clusters.end()).size();
}

TEST(SphericalKmeans, FindsSeparatedDirections) {
  const std::vector<int64_t> clusters = clusters_after(directions(60, 3, 6, 0.1), 3, 15, 0);
  EXPECT_EQ(different(clusters), 3);
  for (int64_t i = 3; i < 60; ++i) EXPECT_EQ(clusters[i], clusters[i % 3]) << i;
}

TEST(SphericalKmeans, EachIterationIsTheSlowOneUntilNoImageChanges) {
  const at::Tensor rows = directions(90, 4, 5, 0.6);
  std::vector<int64_t> before = clusters_after(rows, 6, 0);
  int changes = 0;
  for (int iterations = 1; iterations <= 30; ++iterations) {
    const std::vector<int64_t> after = clusters_after(rows, 6, iterations);
    EXPECT_EQ(after, slow_iteration(rows, before, 6)) << iterations;
    changes += after != before;
    before = after;
  }
  EXPECT_GT(changes, 2);
  EXPECT_LT(changes, 25);  // then it stands still
}

// The images are more than are compared with the centers at once.
TEST(SphericalKmeans, TakesManyImages) {
  const at::Tensor rows = directions(2 * 4096 + 100, 3, 3, 0.5);
  EXPECT_EQ(clusters_after(rows, 3, 4), slow_iteration(rows, clusters_after(rows, 3, 3), 3));
}

// Two of many equal images are the first centers, so that the second cluster is empty. The image
// least like the first center is 80 degrees away from it. Another image is 30 degrees away, and
// would keep the far one for itself if the cluster started again there.
TEST(SphericalKmeans, AnEmptiedClusterStartsAgainAtTheLeastSimilarImage) {
  constexpr double degree = std::numbers::pi / 180;
  at::Tensor rows = at::tensor({1.0, 0.0}).to(at::kFloat).repeat({2000, 1});
  for (const auto& [image, angle] : {std::pair{300, 30}, std::pair{1200, 80}}) {
    rows[image][0] = std::cos(angle * degree);
    rows[image][1] = std::sin(angle * degree);
  }
  for (uint64_t seed = 0; seed < 5; ++seed) {
    EXPECT_EQ(different(clusters_after(rows, 2, 0, seed)), 1) << "draws a special image: " << seed;
    const std::vector<int64_t> clusters = clusters_after(rows, 2, 15, seed);
    for (int64_t i = 0; i < 2000; ++i) {
      EXPECT_EQ(clusters[i] == clusters[0], i != 1200) << i;
    }
  }
}

TEST(SphericalKmeans, SeveralEmptiedClustersStartAgainAtDifferentImages) {
  const at::Tensor rows = at::cat({at::eye(4).narrow(0, 0, 1).repeat({500, 1}), at::eye(4)});
  for (uint64_t seed = 0; seed < 5; ++seed) {
    EXPECT_EQ(different(clusters_after(rows, 4, 1, seed)), 4);
  }
}

TEST(SphericalKmeans, BeginsAtDifferentImages) {
  const at::Tensor rows = directions(25, 5, 8, 0.3);
  for (uint64_t seed = 0; seed < 5; ++seed) {
    EXPECT_EQ(different(clusters_after(rows, 25, 0, seed)), 25);
    EXPECT_EQ(different(clusters_after(rows, 25, 15, seed)), 25);
  }
}

TEST(SphericalKmeans, TakesOneClusterAndEqualImages) {
  EXPECT_EQ(clusters_after(directions(20, 2, 3, 0.3), 1, 15), std::vector<int64_t>(20, 0));
  EXPECT_EQ(clusters_after(at::ones({1, 1}), 1, 15), std::vector<int64_t>(1, 0));
  EXPECT_EQ(different(clusters_after(unit_rows(at::ones({20, 3})), 4, 15)), 1);
}

TEST(SphericalKmeans, StopsOnRequest) {
  Observer observer;
  observer.cancel.request();
  try {
    spherical_kmeans(directions(20, 2, 3, 0.3), 2, 15, Random(1, Purpose::consensus), observer);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::stopped);
  }
}

}  // namespace
}  // namespace nolabel
