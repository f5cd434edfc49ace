#include "nolabel/cluster/scan_loss.h"

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
  Matrix<float> values = read_npy_float(std::string(NOLABEL_TEST_DATA "/scan_") + name + ".npy");
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
      .mul(3)
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

struct SlowLoss {
  double consistency = 0, entropy = 0, total = 0;
};

// The formula, term by term.
SlowLoss slow_loss(const at::Tensor& anchor, const at::Tensor& neighbor, double entropy_weight) {
  const int64_t batch = anchor.size(0), clusters = anchor.size(1);
  SlowLoss loss;
  std::vector<double> use(clusters, 0.0);
  for (int64_t i = 0; i < batch; ++i) {
    const auto a = slow_softmax(anchor.const_data_ptr<double>() + i * clusters, clusters);
    const auto n = slow_softmax(neighbor.const_data_ptr<double>() + i * clusters, clusters);
    double s = 0;
    for (int64_t c = 0; c < clusters; ++c) {
      s += a[c] * n[c];
      use[c] += a[c] / static_cast<double>(batch);
    }
    loss.consistency -= std::max(std::log(s), -100.0) / static_cast<double>(batch);
  }
  for (const double m : use) loss.entropy -= std::max(m, 1e-8) * std::log(std::max(m, 1e-8));
  loss.total = loss.consistency - entropy_weight * loss.entropy;
  return loss;
}

TEST(ScanLoss, IsTheFormula) {
  for (const int64_t clusters : {2, 10}) {
    const at::Tensor anchor = some_logits(7, clusters, 0), neighbor = some_logits(7, clusters, 5);
    const ScanLoss loss = scan_loss(anchor, neighbor, 5);
    const SlowLoss slow = slow_loss(anchor, neighbor, 5);
    EXPECT_NEAR(loss.consistency.item<double>(), slow.consistency, 1e-12);
    EXPECT_NEAR(loss.entropy.item<double>(), slow.entropy, 1e-12);
    EXPECT_NEAR(loss.total.item<double>(), slow.total, 1e-12);
  }
}

// Among the pairs: s about 1e-26, s = 0, s = 1, and a cluster below the floor.
TEST(ScanLoss, EqualsPyTorch) {
  const at::Tensor anchor = leaf(golden("anchor")), neighbor = leaf(golden("neighbor"));
  const ScanLoss loss = scan_loss(anchor, neighbor, 5);
  loss.total.backward();
  const at::Tensor losses = at::stack({loss.consistency, loss.entropy, loss.total}).unsqueeze(0);
  EXPECT_TRUE(at::allclose(losses, golden("losses"), 1e-6, 1e-6)) << losses;
  EXPECT_TRUE(at::allclose(anchor.grad(), golden("anchor_gradient"), 1e-5, 1e-7));
  EXPECT_TRUE(at::allclose(neighbor.grad(), golden("neighbor_gradient"), 1e-5, 1e-7));
}

TEST(ScanLoss, GradientIsTheSlope) {
  const at::Tensor anchor = leaf(some_logits(5, 4, 0)), neighbor = leaf(some_logits(5, 4, 2));
  scan_loss(anchor, neighbor, 2).total.backward();
  const at::Tensor da = some_logits(5, 4, 7), dn = some_logits(5, 4, 8);
  const at::Tensor a = anchor.detach(), n = neighbor.detach();
  const double slope = (slow_loss(a + 1e-6 * da, n + 1e-6 * dn, 2).total -
                        slow_loss(a - 1e-6 * da, n - 1e-6 * dn, 2).total) /
                       2e-6;
  EXPECT_NEAR(((anchor.grad() * da).sum() + (neighbor.grad() * dn).sum()).item<double>(), slope,
              1e-7);
}

TEST(ScanLoss, OfUniformProbabilitiesHasAClosedForm) {
  const ScanLoss loss = scan_loss(at::zeros({1, 10}), at::zeros({1, 10}), 5);
  EXPECT_NEAR(loss.consistency.item<double>(), std::log(10.0), 1e-6);
  EXPECT_NEAR(loss.entropy.item<double>(), std::log(10.0), 1e-6);
  EXPECT_NEAR(loss.total.item<double>(), -4 * std::log(10.0), 1e-5);
}

// Every image certain, clusters evenly used: the best there is, -λ log C.
TEST(ScanLoss, IsSmallestForCertainBalancedAgreement) {
  const at::Tensor logits = leaf(1e4 * at::eye(4));
  const ScanLoss loss = scan_loss(logits, logits, 5);
  loss.total.backward();
  EXPECT_FLOAT_EQ(loss.total.item<float>(), -5 * std::log(4.0f));
  EXPECT_NEAR(logits.grad().abs().max().item<float>(), 0, 1e-6);
}

TEST(ScanLoss, OfCertainDisagreementIsOneHundred) {
  for (const double size : {1e3, 1e4}) {
    const at::Tensor anchor = leaf(size * at::eye(4)), neighbor = leaf(size * at::eye(4).flip({0}));
    const ScanLoss loss = scan_loss(anchor, neighbor, 5);
    loss.total.backward();
    EXPECT_FLOAT_EQ(loss.consistency.item<float>(), 100);
    EXPECT_TRUE(anchor.grad().isfinite().all().item<bool>());
    EXPECT_TRUE(neighbor.grad().isfinite().all().item<bool>());
  }
}

TEST(ScanLoss, ALostClusterGetsNoGradientFromTheEntropy) {
  const at::Tensor anchor = leaf(at::tensor({0.5, 0.0, -40.0, 0.0, 1.0, -40.0}).view({2, 3}));
  scan_loss(anchor, anchor.detach(), 1).entropy.backward();
  EXPECT_LT(anchor.grad().select(1, 2).abs().max().item<double>(), 1e-16);
  EXPECT_GT(anchor.grad().select(1, 0).abs().max().item<double>(), 1e-3);
}

TEST(ScanLoss, DoesNotChangeWhenClustersAreRenamed) {
  const at::Tensor anchor = some_logits(6, 5, 0), neighbor = some_logits(6, 5, 1);
  const at::Tensor renamed = at::tensor({3, 0, 4, 1, 2}, at::kLong);
  EXPECT_NEAR(scan_loss(anchor, neighbor, 5).total.item<double>(),
              scan_loss(anchor.index_select(1, renamed), neighbor.index_select(1, renamed), 5)
                  .total.item<double>(),
              1e-13);
}

TEST(ScanLoss, OfSeveralHeadsIsThatOfEach) {
  constexpr int heads = 3;
  at::Tensor anchors = at::empty({6, heads, 5}, at::kDouble), neighbors = at::empty_like(anchors);
  for (int head = 0; head < heads; ++head) {
    anchors.select(1, head).copy_(some_logits(6, 5, head));
    neighbors.select(1, head).copy_(some_logits(6, 5, head + 10));
  }
  const at::Tensor together = leaf(anchors), theirs = leaf(neighbors);
  const ScanLoss all = scan_loss(together, theirs, 5);
  all.total.sum().backward();
  for (int head = 0; head < heads; ++head) {
    const at::Tensor anchor = leaf(anchors.select(1, head)),
                     neighbor = leaf(neighbors.select(1, head));
    const ScanLoss alone = scan_loss(anchor, neighbor, 5);
    alone.total.backward();
    EXPECT_NEAR(all.consistency[head].item<double>(), alone.consistency.item<double>(), 1e-13);
    EXPECT_NEAR(all.entropy[head].item<double>(), alone.entropy.item<double>(), 1e-13);
    EXPECT_TRUE(together.grad().select(1, head).allclose(anchor.grad(), 1e-12, 1e-15));
    EXPECT_TRUE(theirs.grad().select(1, head).allclose(neighbor.grad(), 1e-12, 1e-15));
  }
}

TEST(ScanLoss, WithAPriorIsTheFormula) {
  const at::Tensor anchor = some_logits(7, 3, 0), neighbor = some_logits(7, 3, 0.4);
  const at::Tensor prior = at::tensor({0.5, 0.3, 0.2}, at::kDouble);
  const at::Tensor use = anchor.softmax(1).mean(0);
  const ScanLoss plain = scan_loss(anchor, neighbor, 2),
                 loss = scan_loss(anchor, neighbor, 2, prior.log());
  EXPECT_NEAR(loss.entropy.item<double>(), plain.entropy.item<double>(), 1e-14);
  const double divergence = (use * (use / prior).log()).sum().item<double>();
  EXPECT_NEAR(loss.total.item<double>(), plain.consistency.item<double>() + 2 * divergence, 1e-12);
}

TEST(ScanLoss, WithEqualSharesHasTheSameGradient) {
  const at::Tensor neighbor = some_logits(7, 3, 0.4);
  const at::Tensor plain = leaf(some_logits(7, 3, 0)), equal = leaf(some_logits(7, 3, 0));
  scan_loss(plain, neighbor, 5).total.backward();
  scan_loss(equal, neighbor, 5, at::full({3}, 1.0 / 3, at::kDouble).log()).total.backward();
  EXPECT_TRUE(at::allclose(plain.grad(), equal.grad(), 1e-10, 1e-12));
}

// Clusters that have exactly the expected shares, with certain and equal neighbors, are the best.
TEST(ScanLoss, IsSmallestWhereClustersHaveTheExpectedShares) {
  const at::Tensor logits =
      leaf(at::one_hot(at::tensor({0, 0, 0, 1}, at::kLong), 2).to(at::kDouble) * 200);
  const at::Tensor prior = at::tensor({0.75, 0.25}, at::kDouble).log();
  const at::Tensor total = scan_loss(logits, logits, 5, prior).total;
  EXPECT_NEAR(total.item<double>(), 0, 1e-6);
  const at::Tensor even = at::one_hot(at::tensor({0, 0, 1, 1}, at::kLong), 2).to(at::kDouble) * 200;
  EXPECT_GT(scan_loss(even, even, 5, prior).total.item<double>(), 0.5);
}

TEST(ScanLoss, PassesNotANumberOn) {
  const at::Tensor broken = at::full({2, 3}, std::nan(""));
  EXPECT_TRUE(scan_loss(broken, at::zeros({2, 3}), 5).total.isnan().item<bool>());
}

}  // namespace
}  // namespace nolabel
