#include "nolabel/base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace nolabel {
namespace {

TEST(philox4x32, AgreesWithPublishedVectors) {
  // Random123's kat_vectors, philox4x32 10.
  using Block = std::array<uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, DiffersByEveryCounterAndPurpose) {
  std::set<uint32_t> first;
  for (uint32_t i = 0; i < 10; ++i) {
    first.insert(Random(i, Purpose::view).next());
    first.insert(Random(99, Purpose::view, i + 1).next());
    first.insert(Random(99, Purpose::view, 0, i + 1).next());
    first.insert(Random(99, Purpose::view, 0, 0, i + 1).next());
  }
  first.insert(Random(99, Purpose::order).next());
  EXPECT_EQ(first.size(), 41u);
}

TEST(Random, MomentsOfUniformAndNormal) {
  Random random(1, Purpose::sample);
  constexpr int n = 200000;
  double sum = 0, normal_sum = 0, normal_squares = 0;
  for (int i = 0; i < n; ++i) {
    sum += random.uniform();
    const double x = random.normal();
    normal_sum += x;
    normal_squares += x * x;
  }
  EXPECT_NEAR(sum / n, 0.5, 4 * std::sqrt(1 / 12.0 / n));
  EXPECT_NEAR(normal_sum / n, 0, 4 / std::sqrt(n));
  EXPECT_NEAR(normal_squares / n, 1, 4 * std::sqrt(2.0 / n));
}

TEST(Random, BelowReachesEveryValueEvenly) {
  Random random(2, Purpose::sample);
  std::array<int, 7> count{};
  for (int i = 0; i < 70000; ++i) ++count[random.below(7)];
  for (const int c : count) EXPECT_NEAR(c, 10000, 400);
}

TEST(permutation, HoldsEachIndexOnce) {
  const auto order = permutation(1000, Random(3, Purpose::order));
  EXPECT_EQ(std::set<int64_t>(order.begin(), order.end()).size(), 1000u);
  EXPECT_NE(order, permutation(1000, Random(3, Purpose::order, 1)));
  EXPECT_EQ(order, permutation(1000, Random(3, Purpose::order)));
}

}  // namespace
}  // namespace nolabel
