#include "nolabel/data/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/data/order.h"

namespace nolabel {
namespace {

std::vector<int64_t> all(int64_t n) {
  std::vector<int64_t> indices(n);
  std::iota(indices.begin(), indices.end(), int64_t{0});
  return indices;
}

TEST(hold_out, PartsAreDisjointCompleteAndRepeatable) {
  const HoldOut split = hold_out(103, 0.2, 7);
  EXPECT_EQ(split.test.size(), 21u);
  std::vector<int64_t> merged;
  std::merge(split.train.begin(), split.train.end(), split.test.begin(), split.test.end(),
             std::back_inserter(merged));
  EXPECT_EQ(merged, all(103));
  EXPECT_EQ(hold_out(103, 0.2, 7).test, split.test);
  EXPECT_NE(hold_out(103, 0.2, 8).test, split.test);
}

TEST(hold_out, KeepsAnImageOnEitherSide) {
  EXPECT_EQ(hold_out(3, 0.01, 1).test.size(), 1u);
  EXPECT_EQ(hold_out(3, 0.99, 1).train.size(), 1u);
  EXPECT_TRUE(hold_out(3, 0, 1).test.empty());
  EXPECT_EQ(hold_out(1, 0.4, 1).train.size(), 1u);
  EXPECT_THROW(hold_out(10, 1.0, 1), Error);
  EXPECT_THROW(hold_out(10, -0.1, 1), Error);
}

TEST(hold_out, DoesNotSeparateAGroup) {
  std::vector<int64_t> group = all(100);
  for (int64_t i = 0; i < 30; ++i) group[i] = i / 3;  // of three images each
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const HoldOut split = hold_out(group, 0.3, seed);
    EXPECT_EQ(split.test.size(), 30u);
    EXPECT_EQ(split.test.size() + split.train.size(), 100u);
    for (const int64_t image : split.test) {
      for (int64_t other = 0; other < 100; ++other) {
        if (group[other] != group[image]) continue;
        EXPECT_TRUE(std::ranges::binary_search(split.test, other)) << image << " " << other;
      }
    }
  }
  EXPECT_EQ(hold_out(all(100), 0.3, 4).test, hold_out(100, 0.3, 4).test);
  EXPECT_TRUE(hold_out(std::vector<int64_t>(10, 5), 0.3, 1).test.empty());
}

TEST(epoch_order, IsAPermutationOfItsOwnForEverySeedAndEpoch) {
  const std::vector<int64_t> order = epoch_order(1000, 3, 5);
  EXPECT_THAT(order, testing::UnorderedElementsAreArray(all(1000)));
  EXPECT_EQ(epoch_order(1000, 3, 5), order);
  EXPECT_NE(epoch_order(1000, 3, 6), order);
  EXPECT_NE(epoch_order(1000, 4, 5), order);
}

}  // namespace
}  // namespace nolabel
