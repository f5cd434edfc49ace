#include "nolabel/pretext/simclr_loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "nolabel/base/npy.h"

namespace nolabel {
namespace {

at::Tensor golden(const std::string& name) {
  Matrix<float> values = read_npy_float(std::string(NOLABEL_TEST_DATA "/simclr_") + name + ".npy");
  return at::from_blob(values.values.data(), {values.rows, values.columns}).to(at::kDouble);
}

at::Tensor leaf(const at::Tensor& values) {
  return values.detach().clone().requires_grad_();
}

// Unit vectors that depend on nothing but their place.
at::Tensor some_embeddings(int64_t batch, int64_t width) {
  const at::Tensor raw = at::arange(batch * 2 * width, at::kDouble).mul(1.7).sin();
  const at::Tensor shaped = raw.reshape({batch, 2, width});
  return shaped / shaped.norm(2, {-1}, true);
}

// The formula, term by term.
double slow_loss(const at::Tensor& embeddings, double temperature, bool symmetric) {
  const int64_t batch = embeddings.size(0), width = embeddings.size(2);
  const auto e = embeddings.accessor<double, 3>();
  double sum = 0;
  for (int64_t i = 0; i < batch; ++i) {
    for (int view = 0; view < (symmetric ? 2 : 1); ++view) {
      double denominator = 0, positive = 0;
      for (int64_t j = 0; j < batch; ++j) {
        for (int other = 0; other < 2; ++other) {
          if (j == i && other == view) continue;
          double product = 0;
          for (int64_t d = 0; d < width; ++d) product += e[i][view][d] * e[j][other][d];
          denominator += std::exp(product / temperature);
          if (j == i) positive = std::exp(product / temperature);
        }
      }
      sum -= std::log(positive / denominator);
    }
  }
  return sum / static_cast<double>(symmetric ? 2 * batch : batch);
}

TEST(SimclrLoss, IsTheFormula) {
  for (const bool symmetric : {false, true}) {
    const at::Tensor embeddings = some_embeddings(5, 7);
    EXPECT_NEAR(simclr_loss(embeddings, 0.1, symmetric).total.item<double>(),
                slow_loss(embeddings, 0.1, symmetric), 1e-12);
  }
}

TEST(SimclrLoss, EqualsPyTorch) {
  for (const bool symmetric : {false, true}) {
    const std::string name = symmetric ? "symmetric" : "published";
    const at::Tensor embeddings = leaf(golden("embeddings").reshape({-1, 2, 5}));
    const at::Tensor total = simclr_loss(embeddings, 0.1, symmetric).total;
    total.backward();
    EXPECT_NEAR(total.item<double>(), golden(name + "_loss").item<double>(), 1e-6);
    EXPECT_TRUE(
        at::allclose(embeddings.grad().reshape({-1, 5}), golden(name + "_gradient"), 1e-5, 1e-6));
  }
}

TEST(SimclrLoss, GradientIsTheSlope) {
  for (const bool symmetric : {false, true}) {
    const at::Tensor embeddings = leaf(some_embeddings(4, 6));
    simclr_loss(embeddings, 0.1, symmetric).total.backward();
    const at::Tensor direction = at::arange(4 * 2 * 6, at::kDouble).mul(0.3).cos().view({4, 2, 6});
    const at::Tensor step = 1e-6 * direction, at_point = embeddings.detach();
    const double slope =
        (slow_loss(at_point + step, 0.1, symmetric) - slow_loss(at_point - step, 0.1, symmetric)) /
        2e-6;
    EXPECT_NEAR((embeddings.grad() * direction).sum().item<double>(), slope, 1e-6);
  }
}

// Orthogonal images, equal views: one positive at e^(1/τ) among 2B-2 negatives at e^0.
TEST(SimclrLoss, OfOrthogonalImagesHasAClosedForm) {
  const int64_t batch = 6;
  const at::Tensor embeddings = at::eye(batch, at::kDouble).unsqueeze(1).repeat({1, 2, 1});
  const SimclrLoss loss = simclr_loss(embeddings, 0.5, false);
  EXPECT_NEAR(loss.total.item<double>(), std::log1p((2 * batch - 2) * std::exp(-2.0)), 1e-12);
  EXPECT_DOUBLE_EQ(loss.positive_similarity.item<double>(), 1);
}

TEST(SimclrLoss, OfCollapsedEmbeddingsIsLogOfTheCandidates) {
  const at::Tensor embeddings = at::full({8, 2, 4}, 0.5, at::kDouble);
  for (const bool symmetric : {false, true}) {
    EXPECT_NEAR(simclr_loss(embeddings, 0.1, symmetric).total.item<double>(), std::log(15.0),
                1e-12);
  }
}

TEST(SimclrLoss, SymmetricIsTheMeanOverBothViewsAsAnchors) {
  const at::Tensor embeddings = some_embeddings(5, 4);
  const double first = simclr_loss(embeddings, 0.2, false).total.item<double>();
  const double second = simclr_loss(embeddings.flip({1}), 0.2, false).total.item<double>();
  EXPECT_NEAR(simclr_loss(embeddings, 0.2, true).total.item<double>(), (first + second) / 2, 1e-12);
}

TEST(SimclrLoss, OfOneImageIsZeroWithoutGradient) {
  for (const bool symmetric : {false, true}) {
    const at::Tensor embeddings = leaf(some_embeddings(1, 4).to(at::kFloat));
    const at::Tensor total = simclr_loss(embeddings, 0.1, symmetric).total;
    total.backward();
    EXPECT_EQ(total.item<float>(), 0);
    EXPECT_EQ(embeddings.grad().abs().max().item<float>(), 0);
  }
}

TEST(SimclrLoss, StaysFiniteForLargeLogits) {
  const at::Tensor embeddings = leaf(some_embeddings(4, 6).to(at::kFloat));
  const at::Tensor total = simclr_loss(embeddings, 1e-4, true).total;  // logits up to 1e4
  total.backward();
  EXPECT_TRUE(total.isfinite().item<bool>());
  EXPECT_TRUE(embeddings.grad().isfinite().all().item<bool>());
}

}  // namespace
}  // namespace nolabel
