#include "nolabel/evaluate/prototypes.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

TEST(FindPrototypes, TakesTheMostTypicalOfTheTenMostConfident) {
  // Confidence falls with the number, so the candidates are 0..9; 10 and 11 lie far away and must
  // not move the mean.
  std::vector<Assignment> a(12);
  Matrix<float> features(12, 1);
  for (int i = 0; i < 12; ++i) {
    a[i] = {0, 1.f - .01f * static_cast<float>(i), -1, 0};
    features.at(i, 0) = i < 10 ? static_cast<float>(i * i) : 1000;
  }
  // Mean of squares 0..81 is 28.5; 5*5 = 25 is nearest.
  EXPECT_EQ(find_prototypes(a, features, 1), (std::vector<int64_t>{5}));
}

TEST(FindPrototypes, NeverLeavesTheClusterAndMarksEmptyOnes) {
  const std::vector<Assignment> a = {{1, .9f, 0, .1f}, {0, .9f, 1, .1f}, {1, .8f, 0, .2f}};
  Matrix<float> features(3, 2);
  features.values = {0, 0, 5, 5, 1, 1};
  EXPECT_EQ(find_prototypes(a, features, 3), (std::vector<int64_t>{1, 0, -1}));
}

}  // namespace
}  // namespace nolabel
