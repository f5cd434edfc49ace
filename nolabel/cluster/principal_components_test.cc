#include "nolabel/cluster/principal_components.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/base/random.h"

namespace nolabel {
namespace {

// Features that vary by 1, 2, 3 … along orthogonal directions, far from 0.
at::Tensor stretched_features(int64_t images, int64_t depth) {
  at::Tensor features = at::empty({images, depth}, at::kFloat);
  auto value = features.accessor<float, 2>();
  Random random(9, Purpose::sample);
  for (int64_t i = 0; i < images; ++i) {
    for (int64_t d = 0; d < depth; ++d) {
      value[i][d] = static_cast<float>(random.normal() * static_cast<double>(d + 1));
    }
  }
  const at::Tensor turned = std::get<0>(at::linalg_qr(at::randn({depth, depth})));
  return features.matmul(turned) + 30;
}

void expect_decorrelated(int64_t images, int64_t depth, int64_t count) {
  at::manual_seed(1);
  const at::Tensor features = stretched_features(images, depth);
  const PrincipalComponents found = principal_components(features, count);
  const at::Tensor centered = (features - features.mean(0)).to(at::kDouble);
  const at::Tensor along = centered.matmul(found.directions);  // [N,count]
  EXPECT_TRUE(at::allclose(found.directions.t().matmul(found.directions),
                           at::eye(count, at::kDouble), 1e-4, 1e-4));
  const at::Tensor covariance = along.t().matmul(along) / images;
  // Products are fp32: they err by a share of the largest variance, which is in the thousands here.
  const double error = (covariance - found.deviations.square().diag()).abs().max().item<double>();
  EXPECT_LT(error, 1e-5 * covariance.max().item<double>());
  // No other directions hold more of the variance.
  const at::Tensor all = std::get<1>(at::linalg_svd(centered, false)).square() / images;
  EXPECT_NEAR(covariance.trace().item<double>(), all.narrow(0, 0, count).sum().item<double>(),
              1e-3 * all.sum().item<double>());
}

TEST(PrincipalComponents, HoldTheMostVariance) {
  expect_decorrelated(200, 12, 5);
  expect_decorrelated(200, 12, 12);
}

TEST(PrincipalComponents, AreTheSameOfFewImagesOfManyDimensions) {
  expect_decorrelated(15, 60, 6);
}

TEST(PrincipalComponents, BeyondTheRankHaveNoDeviation) {
  at::manual_seed(2);
  const at::Tensor flat = at::randn({40, 2}).matmul(at::randn({2, 10}));
  const PrincipalComponents found = principal_components(flat, 5);
  EXPECT_LT(found.deviations.narrow(0, 0, 3).max().item<double>(), 1e-2);
  EXPECT_GT(found.deviations.narrow(0, 3, 2).min().item<double>(), 0.1);
  EXPECT_TRUE(found.directions.isfinite().all().item<bool>());
  EXPECT_EQ(principal_components(at::ones({7, 3}), 2).deviations.max().item<double>(), 0);
}

}  // namespace
}  // namespace nolabel
