#include "nolabel/cluster/information_loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "nolabel/base/npy.h"
#include "nolabel/base/random.h"
#include "nolabel/neighbors/neighbor_table.h"

namespace nolabel {
namespace {

at::Tensor golden_information(const std::string& name) {
  Matrix<float> values =
      read_npy_float(std::string(NOLABEL_TEST_DATA "/information_") + name + ".npy");
  return at::from_blob(values.values.data(), {values.rows, values.columns}).to(at::kDouble);
}

TEST(InformationLoss, EqualsPyTorch) {
  const at::Tensor anchor = golden_information("anchor").requires_grad_();
  const at::Tensor neighbor = golden_information("neighbor").requires_grad_();
  const at::Tensor loss = information_loss(anchor.softmax(1), neighbor.softmax(1));
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), golden_information("loss").item<double>(), 1e-8);
  EXPECT_TRUE(at::allclose(anchor.grad(), golden_information("anchor_gradient"), 1e-5, 1e-8));
  EXPECT_TRUE(at::allclose(neighbor.grad(), golden_information("neighbor_gradient"), 1e-5, 1e-8));
}

TEST(InformationLoss, OfFloatsIsThatOfDoubles) {
  const at::Tensor anchor = golden_information("anchor").softmax(1);
  const at::Tensor neighbor = golden_information("neighbor").softmax(1);
  EXPECT_NEAR(information_loss(anchor.to(at::kFloat), neighbor.to(at::kFloat)).item<float>(),
              information_loss(anchor, neighbor).item<double>(), 1e-6);
}

TEST(InformationLoss, IsLeastForCertainEvenAgreement) {
  for (const int64_t clusters : {1, 2, 7}) {
    const at::Tensor logits = (1e4 * at::eye(clusters)).repeat({3, 1}).requires_grad_();
    const at::Tensor loss = information_loss(logits.softmax(1), logits.softmax(1));
    loss.backward();
    EXPECT_NEAR(loss.item<double>(), -std::log(static_cast<double>(clusters)), 1e-6);
    EXPECT_TRUE(logits.grad().isfinite().all().item<bool>());
  }
}

TEST(InformationLoss, WithExpectedSharesIsTheirDistance) {
  const at::Tensor anchor = at::rand({9, 4}, at::kDouble).softmax(1);
  const at::Tensor neighbor = at::rand({9, 4}, at::kDouble).softmax(1);
  const at::Tensor prior = at::tensor({0.4, 0.3, 0.2, 0.1}, at::kDouble);
  const at::Tensor product = anchor.t().matmul(neighbor) / 9;
  const at::Tensor joint = (product + product.t()) / 2, use = joint.sum(1);
  const double expected = -(joint * joint.log()).sum().item<double>() +
                          2 * (use * (use / prior).log()).sum().item<double>();
  EXPECT_NEAR(information_loss(anchor, neighbor, prior.log()).item<double>(), expected, 1e-12);
}

TEST(InformationLoss, OfIndependentClustersIsZero) {
  const at::Tensor one = at::eye(3, at::kDouble);
  // Every pair of clusters once; the same probabilities for all images; all images in one cluster.
  EXPECT_NEAR(information_loss(one.repeat({3, 1}), one.repeat_interleave(3, 0)).item<double>(), 0,
              1e-9);
  const at::Tensor same = at::tensor({0.2, 0.3, 0.5}, at::kDouble).repeat({6, 1});
  EXPECT_NEAR(information_loss(same, same).item<double>(), 0, 1e-9);
  EXPECT_NEAR(information_loss(one[1].repeat({5, 1}), one[1].repeat({5, 1})).item<double>(), 0,
              1e-9);
}

Matrix<int64_t> pair_table(const std::vector<std::vector<int64_t>>& rows) {
  Matrix<int64_t> table(std::ssize(rows), std::ssize(rows[0]));
  for (int64_t i = 0; i < table.rows; ++i) std::ranges::copy(rows[i], table.row(i));
  return table;
}

// I = H(A) + H(B) - H(A,B), over the pairs and the pairs turned around.
NeighborInformation slow_information(const std::vector<int64_t>& assignments, int clusters,
                                     const Matrix<int64_t>& neighbors) {
  std::map<std::pair<int64_t, int64_t>, double> pairs;
  std::map<int64_t, double> ends;
  double count = 0;
  for (int64_t i = 0; i < neighbors.rows; ++i) {
    for (int64_t j = 0; j < neighbors.columns; ++j) {
      const int64_t other = neighbors.at(i, j);
      if (other < 0 || other == i) continue;
      const int64_t a = assignments[i], b = assignments[other];
      for (const auto& pair : {std::pair(a, b), std::pair(b, a)}) {
        ++pairs[pair];
        ++ends[pair.first];
        ++count;
      }
    }
  }
  const auto entropy = [&](const auto& counts) {
    double sum = 0;
    for (const auto& [key, n] : counts) sum -= n / count * std::log(n / count);
    return sum;
  };
  const double nats = 2 * entropy(ends) - entropy(pairs);
  return {nats, nats / std::sqrt(entropy(ends) * std::log(clusters))};
}

TEST(NeighborInformation, IsThatOfTheSlowVersion) {
  Random random(2, Purpose::sample);
  Matrix<int64_t> table(40, 6);
  std::vector<int64_t> assignments;
  for (int64_t i = 0; i < 40; ++i) {
    assignments.push_back(static_cast<int64_t>(random.below(3)) + (i % 2));  // 4 stays empty
    for (int64_t j = 0; j < 6; ++j) table.at(i, j) = static_cast<int64_t>(random.below(41)) - 1;
    table.at(i, i % 6) = i;  // in any column
  }
  const NeighborInformation slow = slow_information(assignments, 5, table);
  const NeighborInformation fast = neighbor_information(assignments, 5, table);
  EXPECT_GT(slow.nats, 1e-3);
  EXPECT_NEAR(fast.nats, slow.nats, 1e-12);
  EXPECT_NEAR(fast.share, slow.share, 1e-12);
}

TEST(NeighborInformation, OfPerfectAgreementIsThatOfTheClusters) {
  const Matrix<int64_t> table = pair_table({{0, 1}, {1, 0}, {2, 3}, {3, 2}, {4, 5}, {5, 4}});
  const NeighborInformation information = neighbor_information({0, 0, 3, 3, 1, 1}, 4, table);
  EXPECT_NEAR(information.nats, std::log(3.0), 1e-12);
  EXPECT_NEAR(information.share, std::sqrt(std::log(3.0) / std::log(4.0)), 1e-12);
  EXPECT_NEAR(neighbor_information({0, 0, 2, 2, 1, 1}, 3, table).share, 1, 1e-12);
}

TEST(NeighborInformation, IsZeroWhereNeighborsTellNothing) {
  const Matrix<int64_t> table = pair_table({{0, 1, 2}, {1, 0, 3}, {2, 3, 0}, {3, 2, 1}});
  EXPECT_NEAR(neighbor_information({0, 0, 1, 1}, 2, table).share, 0, 1e-12);
  for (const int clusters : {1, 3}) {
    const NeighborInformation one = neighbor_information({0, 0, 0, 0}, clusters, table);
    EXPECT_EQ(one.nats, 0);
    EXPECT_EQ(one.share, 0);
  }
  const NeighborInformation none =
      neighbor_information({0, 1}, 2, pair_table({{0, no_neighbor}, {no_neighbor, no_neighbor}}));
  EXPECT_EQ(none.nats, 0);
  EXPECT_EQ(none.share, 0);
}

}  // namespace
}  // namespace nolabel
