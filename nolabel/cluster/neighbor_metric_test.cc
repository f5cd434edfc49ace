#include "nolabel/cluster/neighbor_metric.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/base/npy.h"
#include "nolabel/base/random.h"
#include "nolabel/model/model.h"
#include "nolabel/neighbors/nearest.h"

namespace nolabel {
namespace {

Matrix<int64_t> exact_neighbors(const at::Tensor& rows, int neighbors) {
  return find_nearest_to_each_other(rows.contiguous(), {.count = neighbors + 1}, {}).indices;
}

FittedMetric fit(const at::Tensor& features, const NeighborMetricOptions& options) {
  const at::Tensor centered = features - features.mean(0);
  return fit_neighbor_metric(features, exact_neighbors(centered, options.neighbors), options,
                             exact_neighbors, {});
}

at::Tensor tensor_of(Matrix<float>& matrix) {
  return at::from_blob(matrix.values.data(), {matrix.rows, matrix.columns}).clone();
}

void expect_like_numpy(const char* file, int dimensions) {
  Matrix<float> values = read_npy_float(NOLABEL_TEST_DATA "/metric_features.npy");
  Matrix<float> expected = read_npy_float(std::string(NOLABEL_TEST_DATA "/") + file);
  const at::Tensor features = tensor_of(values);
  const at::Tensor rows =
      fit(features, {.neighbors = 6, .dimensions = dimensions}).metric.rows(features);
  EXPECT_TRUE(at::allclose(rows.matmul(rows.t()), tensor_of(expected), 1e-4, 1e-4))
      << (rows.matmul(rows.t()) - tensor_of(expected)).abs().max();
}

TEST(NeighborMetric, IsThatOfThePlainVersion) {
  expect_like_numpy("metric_all.npy", 256);
}

TEST(NeighborMetric, IsThatOfThePlainVersionAlsoWhereFeaturesAreReducedFirst) {
  expect_like_numpy("metric_reduced.npy", 12);
}

// 5 kinds of images that differ in 5 dimensions a little, among 40 dimensions of large differences
// that no neighbors share.
struct Kinds {
  at::Tensor features;
  std::vector<int64_t> kind;
};
Kinds hidden_kinds(int64_t images, double noise) {
  Kinds kinds{at::zeros({images, 45}, at::kFloat), {}};
  Random random(4, Purpose::sample);
  for (int64_t i = 0; i < images; ++i) {
    kinds.kind.push_back(i % 5);
    for (int64_t d = 0; d < 45; ++d) {
      kinds.features[i][d] =
          d < 5 ? (d == i % 5 ? 3 : 0) + 0.5 * random.normal() : noise * random.normal();
    }
  }
  return kinds;
}

double purity(const Matrix<int64_t>& neighbors, const std::vector<int64_t>& kind) {
  double same = 0, all = 0;
  for (int64_t i = 0; i < neighbors.rows; ++i) {
    for (int64_t j = 0; j < neighbors.columns; ++j) {
      if (neighbors.at(i, j) == i) continue;
      same += kind[neighbors.at(i, j)] == kind[i];
      all += 1;
    }
  }
  return same / all;
}

TEST(NeighborMetric, BringsImagesOfOneKindTogether) {
  const Kinds kinds = hidden_kinds(400, 0.9);
  const Matrix<int64_t> before = exact_neighbors(kinds.features - kinds.features.mean(0), 10);
  const FittedMetric fitted = fit(kinds.features, {.neighbors = 10});
  EXPECT_GT(purity(fitted.neighbors, kinds.kind), purity(before, kinds.kind) + 0.05);
}

TEST(NeighborMetric, ItsNeighborsAreThoseOfItsRows) {
  const Kinds kinds = hidden_kinds(120, 0.5);
  const FittedMetric fitted = fit(kinds.features, {.neighbors = 10});
  const at::Tensor rows = fitted.metric.rows(kinds.features);
  EXPECT_TRUE(at::allclose(rows.norm(2, {1}), at::ones({120})));
  const Matrix<int64_t> again = exact_neighbors(rows, 10);
  int64_t equal = 0;
  for (size_t i = 0; i < again.values.size(); ++i) {
    equal += again.values[i] == fitted.neighbors.values[i];
  }
  EXPECT_GT(equal, std::ssize(again.values) * 99 / 100);  // all but ties by rounding
}

TEST(NeighborMetric, DoesNotSeeScaleAndMean) {
  const Kinds kinds = hidden_kinds(100, 0.5);
  const at::Tensor one = fit(kinds.features, {.neighbors = 8}).metric.rows(kinds.features);
  const at::Tensor moved = kinds.features * 50 + 7;
  const at::Tensor other = fit(moved, {.neighbors = 8}).metric.rows(moved);
  EXPECT_TRUE(at::allclose(one.matmul(one.t()), other.matmul(other.t()), 1e-2, 1e-3));
}

TEST(NeighborMetric, TakesFewImagesOfManyDimensionsAndEqualOnes) {
  const at::Tensor few = hidden_kinds(5, 1).features.repeat({1, 20});
  const FittedMetric fitted = fit(few, metric_options(5));
  EXPECT_EQ(metric_options(5).neighbors, 4);
  EXPECT_TRUE(fitted.metric.rows(few).isfinite().all().item<bool>());
  const at::Tensor two = few.narrow(0, 0, 2);
  const at::Tensor apart = fit(two, metric_options(2)).metric.rows(two);
  EXPECT_LT((apart[0] * apart[1]).sum().item<float>(), 0.5);
  const at::Tensor equal = at::ones({30, 8});
  EXPECT_TRUE(fit(equal, {.neighbors = 10}).metric.rows(equal).isfinite().all().item<bool>());
}

}  // namespace
}  // namespace nolabel
