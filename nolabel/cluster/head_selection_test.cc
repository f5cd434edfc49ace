#include "nolabel/cluster/head_selection.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/base/peak_memory_testing.h"
#include "nolabel/base/random.h"

namespace nolabel {
namespace {

at::Tensor some_probabilities(int64_t images, int64_t clusters) {
  return at::arange(images * clusters, at::kFloat)
      .mul(0.7)
      .sin()
      .mul(3)
      .view({images, clusters})
      .softmax(1);
}

Matrix<int64_t> some_table(int64_t images, int64_t columns) {
  Matrix<int64_t> table(images, columns);
  Random random(1, Purpose::sample);
  for (int64_t& neighbor : table.values) neighbor = static_cast<int64_t>(random.below(images));
  return table;
}

// Pair by pair; -1 is none.
HeadScore slow_score(const at::Tensor& probabilities, const Matrix<int64_t>& neighbors) {
  const auto p = probabilities.accessor<float, 2>();
  const int64_t clusters = probabilities.size(1);
  std::vector<double> use(clusters);
  double pairs = 0;
  HeadScore score{};
  for (int64_t i = 0; i < neighbors.rows; ++i) {
    for (int64_t column = 0; column < neighbors.columns; ++column) {
      if (neighbors.at(i, column) < 0) continue;
      ++pairs;
      double product = 0;
      for (int64_t c = 0; c < clusters; ++c) product += p[i][c] * p[neighbors.at(i, column)][c];
      score.consistency -= std::max(std::log(product), -100.0);
    }
    for (int64_t c = 0; c < clusters; ++c) use[c] += p[i][c];
  }
  score.consistency /= pairs;
  for (const double sum : use) {
    const double mean = std::max(sum / static_cast<double>(neighbors.rows), 1e-8);
    score.entropy -= mean * std::log(mean);
  }
  score.total = score.consistency - score.entropy;
  return score;
}

void expect_equal(const HeadScore& a, const HeadScore& b) {
  EXPECT_NEAR(a.consistency, b.consistency, 1e-5);
  EXPECT_NEAR(a.entropy, b.entropy, 1e-5);
  EXPECT_NEAR(a.total, b.total, 1e-5);
}

TEST(score_head, IsTheSumOverAllPairs) {
  for (const int64_t columns : {1, 6}) {
    const at::Tensor probabilities = some_probabilities(37, 5);
    const Matrix<int64_t> table = some_table(37, columns);
    expect_equal(score_head(probabilities, table), slow_score(probabilities, table));
  }
}

TEST(score_head, WithAPriorMeasuresTheDistanceToIt) {
  const at::Tensor probabilities = at::tensor({0.9F, 0.1F, 0.6F, 0.4F, 0.3F, 0.7F}).view({3, 2});
  Matrix<int64_t> neighbors(3, 2);
  neighbors.values = {0, 1, 1, 2, 2, 0};
  const HeadScore plain = score_head(probabilities, neighbors);
  const at::Tensor prior = at::tensor({0.7F, 0.3F});
  const HeadScore score = score_head(probabilities, neighbors, prior.log());
  EXPECT_EQ(score.entropy, plain.entropy);
  // The mean assignment is 0.6, 0.4.
  const double divergence = 0.6 * std::log(0.6 / 0.7) + 0.4 * std::log(0.4 / 0.3);
  EXPECT_NEAR(score.total, plain.consistency + divergence, 1e-6);
}

TEST(score_head, LeavesOutPadding) {
  const at::Tensor probabilities = some_probabilities(37, 5);
  Matrix<int64_t> table = some_table(37, 6);
  for (int64_t i = 0; i < table.rows; ++i) {
    for (int64_t column = 1 + i % 6; column < 6; ++column) table.at(i, column) = -1;
  }
  table.at(36, 0) = -1;  // in front, too
  table.at(36, 1) = 3;
  expect_equal(score_head(probabilities, table), slow_score(probabilities, table));
}

// More than the million floats that are gathered at a time: several blocks, the last one partial.
TEST(score_head, InBlocksIsTheSame) {
  const at::Tensor probabilities = some_probabilities(9001, 41);
  const Matrix<int64_t> table = some_table(9001, 6);
  expect_equal(score_head(probabilities, table), slow_score(probabilities, table));
}

// Every pair of these images would be 160 GB.
TEST(score_head, OfManyImagesNeedsNoMatrixOfAllPairs) {
  const at::Tensor probabilities = some_probabilities(200'000, 10);
  const Matrix<int64_t> table = some_table(200'000, 6);
  const HeadScore fast = score_head(probabilities, table), slow = slow_score(probabilities, table);
  EXPECT_NEAR(fast.total, slow.total, 1e-4);
}

TEST(score_head, HasClosedFormsAtItsEnds) {
  const Matrix<int64_t> self_and_other = [] {
    Matrix<int64_t> table(4, 2);
    table.values = {0, 2, 1, 3, 2, 0, 3, 1};
    return table;
  }();
  // Sure, and the same as the neighbor: 0 - log 2.
  const at::Tensor sure = at::eye(2).repeat({2, 1});
  expect_equal(score_head(sure, self_and_other), {0, std::log(2.0), -std::log(2.0)});
  // Sure of another cluster than the neighbor: -log 0 counts 100, half the columns are the image.
  const at::Tensor opposed = at::eye(2).index_select(0, at::tensor({0, 0, 1, 1}, at::kLong));
  expect_equal(score_head(opposed, self_and_other), {50, std::log(2.0), 50 - std::log(2.0)});
  // All in one cluster: agreement without use.
  const at::Tensor collapsed = at::eye(2).narrow(0, 0, 1).repeat({4, 1});
  expect_equal(score_head(collapsed, self_and_other), {0, 0, 0});
}

Model identity_model(int dimensions, int clusters, int heads) {
  return Model({.kind = ModelSettings::Kind::clustering,
                .backbone = given_features(dimensions),
                .clusters = clusters,
                .heads = heads},
               1);
}

TEST(score_heads, ScoresEachHeadBySofteningItsLogits) {
  Model model = identity_model(8, 5, 3);
  const at::Tensor features = some_probabilities(9001, 8) * 20;  // several blocks of images
  const Matrix<int64_t> table = some_table(9001, 6);
  const std::vector<HeadScore> scores = score_heads(model, features, table);
  ASSERT_EQ(scores.size(), 3u);
  for (int head = 0; head < 3; ++head) {
    expect_equal(scores[head], slow_score(model.logits(features, head).softmax(1), table));
  }
  EXPECT_GT(std::abs(scores[0].total - scores[1].total), 1e-4);  // not the same head thrice
}

TEST(score_heads, TakesNoMoreMemoryForMoreHeads) {
  constexpr int64_t images = 6000, clusters = 1000;  // [N,C] is 23 MB
  const at::Tensor features = some_probabilities(images, 8);
  const Matrix<int64_t> table = some_table(images, 2);
  const auto extra = [&](int heads) {
    Model model = identity_model(8, clusters, heads);
    const double before = peak_mb(true);
    score_heads(model, features, table);
    return peak_mb(false) - before;
  };
  extra(1);  // what stays: threads and their memory
  const double one = extra(1), twelve = extra(12);
  EXPECT_GT(one, 20) << "the measurement shows nothing";
  EXPECT_LT(twelve, one + 120);  // the logits of all heads at once: 250 MB more
}

TEST(best_head, IsTheLowestTotalAndTheFirstOfEqualOnes) {
  EXPECT_EQ(best_head({{0, 0, -1}, {0, 0, -3}, {0, 0, -2}}), 1);
  EXPECT_EQ(best_head({{0, 0, -1}, {0, 0, -3}, {0, 0, -3}}), 1);
  EXPECT_EQ(best_head({{9, 0, 0}}), 0);
}

TEST(best_head, IsNeverOneWithoutANumber) {
  EXPECT_EQ(best_head({{0, 0, NAN}, {0, 0, 7}, {0, 0, NAN}, {0, 0, 6}}), 3);
  EXPECT_THROW(best_head({{0, 0, NAN}, {0, 0, INFINITY}}), Error);
}

}  // namespace
}  // namespace nolabel
