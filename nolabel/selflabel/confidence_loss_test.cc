#include "nolabel/selflabel/confidence_loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "nolabel/base/npy.h"

namespace nolabel {
namespace {

at::Tensor golden(const std::string& name) {
  Matrix<float> values =
      read_npy_float(std::string(NOLABEL_TEST_DATA "/confidence_") + name + ".npy");
  return at::from_blob(values.values.data(), {values.rows, values.columns}).to(at::kDouble);
}

at::Tensor leaf(const at::Tensor& values) {
  return values.detach().clone().requires_grad_();
}

at::Tensor some_logits(int64_t batch, int64_t clusters, double phase) {
  return at::arange(batch * clusters, at::kDouble)
      .mul(1.3)
      .add(phase)
      .sin()
      .mul(4)
      .view({batch, clusters});
}

std::vector<double> slow_softmax(const double* logits, int64_t clusters) {
  const double largest = *std::max_element(logits, logits + clusters);
  std::vector<double> p(clusters);
  double sum = 0;
  for (int64_t c = 0; c < clusters; ++c) sum += p[c] = std::exp(logits[c] - largest);
  for (double& value : p) value /= sum;
  return p;
}

// Selects, counts, weighs: the words of the specification one after the other.
double slow_loss(const at::Tensor& weak, const at::Tensor& strong, double threshold,
                 bool balanced) {
  const int64_t batch = weak.size(0), clusters = weak.size(1);
  std::vector<int64_t> labels, rows, counts(clusters, 0);
  for (int64_t i = 0; i < batch; ++i) {
    const auto p = slow_softmax(weak.const_data_ptr<double>() + i * clusters, clusters);
    const auto best = std::max_element(p.begin(), p.end());
    if (*best <= threshold) continue;
    rows.push_back(i);
    labels.push_back(best - p.begin());
    ++counts[labels.back()];
  }
  double sum = 0, weights = 0;
  for (size_t j = 0; j < rows.size(); ++j) {
    const double weight = balanced ? static_cast<double>(rows.size()) / counts[labels[j]] : 1.0;
    const auto p = slow_softmax(strong.const_data_ptr<double>() + rows[j] * clusters, clusters);
    sum -= weight * std::log(p[labels[j]]);
    weights += weight;
  }
  return sum / weights;
}

TEST(ConfidenceLoss, IsTheFormula) {
  for (const bool balanced : {false, true}) {
    for (const int64_t clusters : {2, 6}) {
      const at::Tensor weak = some_logits(30, clusters, 0), strong = some_logits(30, clusters, 9);
      EXPECT_NEAR(confidence_loss(weak, strong, 0.8, balanced).total.item<double>(),
                  slow_loss(weak, strong, 0.8, balanced), 1e-12);
    }
  }
}

TEST(ConfidenceLoss, EqualsPyTorch) {
  for (const bool balanced : {false, true}) {
    const std::string name = balanced ? "balanced" : "plain";
    const at::Tensor strong = leaf(golden("strong"));
    const ConfidenceLoss loss = confidence_loss(golden("weak"), strong, 0.9, balanced);
    loss.total.backward();
    const at::Tensor expected = golden(name + "_loss");  // loss, kept
    EXPECT_NEAR(loss.total.item<double>(), expected[0][0].item<double>(), 1e-6);
    EXPECT_EQ(loss.kept.item<int64_t>(), expected[0][1].item<double>());
    EXPECT_TRUE(at::allclose(strong.grad(), golden(name + "_gradient"), 1e-5, 1e-7));
  }
}

TEST(ConfidenceLoss, GradientIsTheSlope) {
  for (const bool balanced : {false, true}) {
    const at::Tensor weak = some_logits(20, 4, 0), strong = leaf(some_logits(20, 4, 3));
    confidence_loss(weak, strong, 0.8, balanced).total.backward();
    const at::Tensor direction = some_logits(20, 4, 6), s = strong.detach();
    const double slope = (slow_loss(weak, s + 1e-6 * direction, 0.8, balanced) -
                          slow_loss(weak, s - 1e-6 * direction, 0.8, balanced)) /
                         2e-6;
    EXPECT_NEAR((strong.grad() * direction).sum().item<double>(), slope, 1e-7);
  }
}

// Three confident images of class 0, one of class 1, one unsure; strong logits (x, 0, 0).
TEST(ConfidenceLoss, CountsAndBalancesAsByHand) {
  const at::Tensor weak = at::tensor({9.0, 0.0, 0.0,  //
                                      9.0, 0.0, 0.0,  //
                                      9.0, 0.0, 0.0,  //
                                      0.0, 9.0, 0.0,  //
                                      1.0, 0.0, 0.0})
                              .view({5, 3});
  const at::Tensor strong = at::tensor({2.0, 0.0, 0.0}).repeat({5, 1});
  const double partition = std::log(std::exp(2.0) + 2), first = partition - 2, second = partition;

  const ConfidenceLoss plain = confidence_loss(weak, strong, 0.99, false);
  EXPECT_NEAR(plain.total.item<double>(), (3 * first + second) / 4, 1e-12);
  EXPECT_EQ(plain.kept.item<int64_t>(), 4);
  EXPECT_DOUBLE_EQ(plain.kept_fraction.item<double>(), 0.8);
  EXPECT_TRUE(at::equal(plain.counts, at::tensor({3, 1, 0}, at::kLong)));
  EXPECT_NEAR(confidence_loss(weak, strong, 0.99, true).total.item<double>(), (first + second) / 2,
              1e-12);
}

TEST(ConfidenceLoss, WithoutAConfidentImageIsZeroAndTrainsNothing) {
  for (const bool balanced : {false, true}) {
    const at::Tensor strong = leaf(some_logits(6, 4, 1).to(at::kFloat));
    const ConfidenceLoss loss = confidence_loss(at::zeros({6, 4}), strong, 0.99, balanced);
    loss.total.backward();
    EXPECT_EQ(loss.kept.item<int64_t>(), 0);
    EXPECT_EQ(loss.total.item<float>(), 0);
    EXPECT_EQ(strong.grad().abs().max().item<float>(), 0);
  }
}

TEST(ConfidenceLoss, OfOneImage) {
  const at::Tensor weak = at::tensor({8.0, 0.0}).view({1, 2}),
                   strong = at::zeros({1, 2}, at::kDouble);
  EXPECT_NEAR(confidence_loss(weak, strong, 0.99, true).total.item<double>(), std::log(2.0), 1e-12);
}

TEST(ConfidenceLoss, TheThresholdItselfIsNotEnough) {
  const at::Tensor weak = at::zeros({1, 2});  // p = 0.5 exactly
  EXPECT_EQ(confidence_loss(weak, weak, 0.5, false).kept.item<int64_t>(), 0);
  EXPECT_EQ(confidence_loss(weak, weak, 0.4999, false).kept.item<int64_t>(), 1);
}

TEST(ConfidenceLoss, StaysFiniteForLargeLogits) {
  const at::Tensor weak = 1e4 * at::eye(4);
  for (const auto& strong : {leaf(-1e4 * at::eye(4)), leaf(1e4 * at::eye(4))}) {
    const ConfidenceLoss loss = confidence_loss(weak, strong, 0.99, true);
    loss.total.backward();
    EXPECT_TRUE(loss.total.isfinite().item<bool>());
    EXPECT_TRUE(strong.grad().isfinite().all().item<bool>());
  }
}

TEST(ConfidenceLoss, GivesTheWeakViewNoGradient) {
  const at::Tensor weak = leaf(some_logits(6, 3, 0)), strong = leaf(some_logits(6, 3, 1));
  confidence_loss(weak, strong, 0.5, true).total.backward();
  EXPECT_FALSE(weak.grad().defined());
}

TEST(ConfidenceLoss, DoesNotChangeWhenClustersAreRenamed) {
  const at::Tensor weak = some_logits(20, 5, 0), strong = some_logits(20, 5, 1);
  const at::Tensor renamed = at::tensor({3, 0, 4, 1, 2}, at::kLong);
  EXPECT_NEAR(
      confidence_loss(weak, strong, 0.8, true).total.item<double>(),
      confidence_loss(weak.index_select(1, renamed), strong.index_select(1, renamed), 0.8, true)
          .total.item<double>(),
      1e-13);
}

}  // namespace
}  // namespace nolabel
