#include "nolabel/evaluate/matching.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "nolabel/evaluate/golden_test.h"

namespace nolabel {
namespace {

// Checks that the matching is one-to-one and complete, and returns its score.
int64_t score(const Matrix<int64_t>& scores, const std::vector<int>& matching) {
  int64_t sum = 0;
  std::set<int> used;
  for (int64_t i = 0; i < scores.rows; ++i) {
    if (matching[i] < 0) continue;
    EXPECT_TRUE(used.insert(matching[i]).second);
    sum += scores.at(i, matching[i]);
  }
  EXPECT_EQ(static_cast<int64_t>(used.size()), std::min(scores.rows, scores.columns));
  return sum;
}

TEST(MaximumMatching, ReachesScipysScore) {
  for (const auto& c : golden("matchings")) {
    const auto scores = matrix_from<int64_t>(c.at("scores"));
    EXPECT_EQ(score(scores, maximum_matching(scores)), c.at("best").get<int64_t>())
        << scores.rows << " x " << scores.columns;
  }
}

TEST(MaximumMatching, GivesUpAGreedyChoiceForABetterSum) {
  Matrix<int64_t> scores(2, 2);
  scores.values = {9, 8, 8, 1};
  EXPECT_EQ(maximum_matching(scores), (std::vector{1, 0}));
}

TEST(MatchClusters, LeavesSurplusClustersUnmatched) {
  Matrix<int64_t> counts(4, 2);
  counts.values = {1, 0, 0, 5, 7, 0, 0, 4};
  EXPECT_EQ(match_clusters(counts), (std::vector{-1, 1, 0, -1}));
}

}  // namespace
}  // namespace nolabel
