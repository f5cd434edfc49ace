#include "nolabel/data/hash_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <numeric>
#include <random>

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Other bits, so many of them.
uint64_t changed(uint64_t hash, int bits, std::mt19937_64& random) {
  uint64_t change = 0;
  while (std::popcount(change) < bits) change |= uint64_t{1} << (random() % 63);
  return hash ^ change;
}

// All with all, as the search must not do it.
std::vector<HashMatch> slow_matches(int image, const std::vector<std::optional<uint64_t>>& wholes,
                                    const std::vector<WindowHash>& windows, int radius) {
  std::vector<HashMatch> found;
  for (int other = 0; other < std::ssize(wholes); ++other) {
    int nearest = 64;
    for (const WindowHash& window : windows) {
      if (window.image != other || other == image) continue;
      nearest = std::min(nearest, std::popcount(window.hash ^ *wholes[image]));
    }
    if (nearest <= radius) found.push_back({other, nearest});
  }
  std::ranges::sort(found, {}, [](const HashMatch& m) { return std::pair(m.distance, m.image); });
  return found;
}

TEST(MatchHashes, FindsWhatComparingAllFinds) {
  std::mt19937_64 random(5);
  std::vector<std::optional<uint64_t>> wholes;
  std::vector<WindowHash> windows;
  for (int32_t image = 0; image < 300; ++image) {
    // Every third one is near an earlier one, by up to 12 bits.
    const uint64_t hash = image % 3 == 2 ? changed(*wholes[image / 2], image % 13, random)
                                         : random() & random() & (~uint64_t{0} >> 1);
    wholes.emplace_back(hash);
    windows.push_back({hash, image});
    windows.push_back({changed(hash, 5, random), image});
  }
  const HashMatches matches =
      match_hashes(wholes, windows, {.radius = 8, .kept = 300, .threads = 2}, {});
  int64_t all = 0;
  for (int image = 0; image < 300; ++image) {
    const auto slow = slow_matches(image, wholes, windows, 8);
    EXPECT_EQ(matches.containing[image], slow) << image;
    all += std::ssize(slow);
  }
  EXPECT_GT(all, 100);
  const std::vector<int64_t>& counts = matches.containing_count;
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), int64_t{0}), all);
}

TEST(MatchHashes, KeepsTheNearestAndLeavesOutImagesWithoutHash) {
  const std::vector<std::optional<uint64_t>> wholes = {0b0, std::nullopt, 0b1, 0b111, 0b11};
  std::vector<WindowHash> windows;
  for (int32_t i = 0; i < 5; ++i) {
    if (wholes[i]) windows.push_back({*wholes[i], i});
  }
  const HashMatches matches = match_hashes(wholes, windows, {.kept = 2}, {});
  EXPECT_THAT(matches.containing[0], ElementsAre(HashMatch{2, 1}, HashMatch{4, 2}));
  EXPECT_THAT(matches.containing[1], IsEmpty());
}

// A part that all hashes share hides no pair that another part shows.
TEST(MatchHashes, FullPartsHideNothing) {
  std::mt19937_64 random(3);
  std::vector<std::optional<uint64_t>> wholes;
  std::vector<WindowHash> windows;
  for (int32_t i = 0; i < 400; ++i) {
    const uint64_t other = i % 2 == 0 ? random() << 16 >> 1 & ~uint64_t{0xffff} : *wholes.back();
    wholes.emplace_back(other);
    windows.push_back({other, i});
  }
  const HashMatches matches = match_hashes(wholes, windows, {.looked_at = 20}, {});
  for (int32_t i = 0; i < 400; ++i) {
    EXPECT_EQ(matches.containing[i].front(), (HashMatch{i ^ 1, 0})) << i;
  }
}

// Many times the same hash takes no square of their number.
TEST(MatchHashes, ManySameHashesAreLookedAtInPart) {
  const int32_t images = 20000;
  const std::vector<std::optional<uint64_t>> wholes(images, 12345);
  std::vector<WindowHash> windows;
  for (int32_t i = 0; i < images; ++i) windows.push_back({12345, i});
  const HashMatches matches = match_hashes(wholes, windows, {.looked_at = 50}, {});
  EXPECT_EQ(matches.containing[9999].front(), (HashMatch{0, 0}));
  EXPECT_EQ(matches.containing[9999].size(), 16u);
}

}  // namespace
}  // namespace nolabel
