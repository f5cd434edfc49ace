#include "nolabel/cluster/kmeans.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <set>

#include "nolabel/base/error.h"
#include "nolabel/base/npy.h"
#include "nolabel/base/random.h"

namespace nolabel {
namespace {

// `blobs` groups of 30 points, 10 apart along different axes, each of unit spread.
at::Tensor blobs(int count, int64_t depth, double offset = 0) {
  at::Tensor points = at::empty({count * 30, depth}, at::kFloat);
  Random random(3, Purpose::sample);
  for (int64_t i = 0; i < points.size(0); ++i) {
    for (int64_t d = 0; d < depth; ++d) {
      points[i][d] = offset + random.normal() + (i / 30 == d ? 10 : 0);
    }
  }
  return points;
}

void expect_blobs_recovered(const KmeansResult& result, int count) {
  std::set<int64_t> clusters;
  for (int blob = 0; blob < count; ++blob) {
    for (int i = 0; i < 30; ++i) {
      EXPECT_EQ(result.assignments[blob * 30 + i], result.assignments[blob * 30]);
    }
    clusters.insert(result.assignments[blob * 30]);
  }
  EXPECT_EQ(clusters.size(), count);
}

TEST(Kmeans, FindsSeparatedBlobsAlsoFarFromTheOrigin) {
  expect_blobs_recovered(kmeans(blobs(6, 8), {.clusters = 6}, {}), 6);
  expect_blobs_recovered(kmeans(blobs(6, 8, 1e4), {.clusters = 6}, {}), 6);
}

TEST(Kmeans, CentersAreTheMeansAndInertiaTheSquaredDistances) {
  const at::Tensor points = blobs(4, 5, 3);
  const KmeansResult result = kmeans(points, {.clusters = 4}, {});
  double inertia = 0;
  for (int blob = 0; blob < 4; ++blob) {
    const at::Tensor members = points.narrow(0, blob * 30, 30);
    const at::Tensor center = result.centers[result.assignments[blob * 30]];
    EXPECT_TRUE(at::allclose(center, members.mean(0), 1e-4, 1e-4));
    inertia += (members - center).square().sum().item<double>();
  }
  EXPECT_NEAR(result.inertia, inertia, 1e-3 * inertia);
}

TEST(Kmeans, IsAsGoodAsScikitLearn) {
  Matrix<float> values = read_npy_float(NOLABEL_TEST_DATA "/kmeans_features.npy");
  const double expected = read_npy_float(NOLABEL_TEST_DATA "/kmeans_inertia.npy").at(0, 0);
  const at::Tensor features = at::from_blob(values.values.data(), {values.rows, values.columns});
  const double inertia = kmeans(features, {.clusters = 8, .restarts = 20}, {}).inertia;
  EXPECT_LT(inertia, 1.02 * expected);
  EXPECT_GT(inertia, 0.95 * expected);
}

// Lloyd's iterations cannot move a center from one far group to another, so a start must find every
// group.
TEST(Kmeans, FindsManyBlobs) {
  const at::Tensor points = blobs(20, 24);
  for (uint64_t seed = 0; seed < 10; ++seed) {
    expect_blobs_recovered(kmeans(points, {.clusters = 20, .seed = seed}, {}), 20);
  }
}

TEST(Kmeans, NewImagesGoToTheNearestCenter) {
  const at::Tensor centers =
      at::tensor({0.0, 0.0, 10.0, 0.0, 0.0, 10.0}).to(at::kFloat).view({3, 2});
  const at::Tensor images =
      at::tensor({6.0, 1.0, 1.0, 1.0, 2.0, 9.0, 5.0, 5.0}).to(at::kFloat).view({4, 2});
  EXPECT_EQ(nearest_centers(images, centers), (std::vector<int64_t>{1, 0, 2, 0}));
  const KmeansResult result = kmeans(blobs(4, 5, 100), {.clusters = 4}, {});
  EXPECT_EQ(nearest_centers(blobs(4, 5, 100), result.centers), result.assignments);
}

TEST(Kmeans, SameSeedSameResult) {
  const at::Tensor points = blobs(5, 6);
  const KmeansResult a = kmeans(points, {.clusters = 9, .restarts = 2, .seed = 4}, {});
  const KmeansResult b = kmeans(points, {.clusters = 9, .restarts = 2, .seed = 4}, {});
  EXPECT_EQ(a.assignments, b.assignments);
  EXPECT_TRUE(at::equal(a.centers, b.centers));
}

TEST(Kmeans, UsesAllClustersWhenThereAreEnoughDifferentImages) {
  // 40 copies of one point and three others: most starts draw well, none may lose a cluster.
  const at::Tensor points = at::cat({at::zeros({40, 2}), at::eye(2), at::full({1, 2}, -1)});
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const KmeansResult result = kmeans(points, {.clusters = 4, .restarts = 1, .seed = seed}, {});
    EXPECT_EQ(std::set<int64_t>(result.assignments.begin(), result.assignments.end()).size(), 4);
    EXPECT_NEAR(result.inertia, 0, 1e-6);
  }
}

TEST(Kmeans, TakesIdenticalImagesAndOneClusterPerImage) {
  EXPECT_EQ(kmeans(at::ones({10, 3}), {.clusters = 3}, {}).inertia, 0);
  EXPECT_NEAR(kmeans(blobs(1, 3), {.clusters = 30}, {}).inertia, 0, 1e-3);
  EXPECT_EQ(kmeans(at::ones({1, 3}), {.clusters = 1}, {}).assignments.size(), 1);
}

TEST(Kmeans, StopsOnRequest) {
  Observer observer;
  observer.cancel.request();
  EXPECT_THROW(kmeans(blobs(2, 3), {.clusters = 2}, observer), Error);
}

}  // namespace
}  // namespace nolabel
