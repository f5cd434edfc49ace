#include "nolabel/neighbors/candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "nolabel/base/random.h"

namespace nolabel {
namespace {

using testing::ElementsAre;

TEST(Candidates, KeepsTheBestInOrder) {
  Candidates candidates(1, 3);
  Random random(1, Purpose::sample);
  std::vector<float> similarities(1000);
  for (uint32_t i = 0; i < 1000; ++i) {
    similarities[i] = random.uniform(-1, 1);
    candidates.offer(0, similarities[i], i);
  }
  std::vector<int64_t> indices(3);
  std::vector<float> best(3);
  candidates.take(0, indices.data(), best.data());
  std::sort(similarities.rbegin(), similarities.rend());
  EXPECT_THAT(best, ElementsAre(similarities[0], similarities[1], similarities[2]));
}

TEST(Candidates, EqualSimilaritiesGoToTheLowerIndexInAnyOrderOfArrival) {
  for (const bool descending : {false, true}) {
    Candidates candidates(2, 4);
    for (uint32_t i = 0; i < 200; ++i) {
      const uint32_t index = descending ? 199 - i : i;
      candidates.offer(1, index % 2 == 0 ? -0.0f : 0.0f, index);
    }
    std::vector<int64_t> indices(4);
    candidates.take(1, indices.data(), nullptr);
    EXPECT_THAT(indices, ElementsAre(0, 1, 2, 3));
  }
}

TEST(Candidates, OrdersNegativeSimilarities) {
  Candidates candidates(1, 3);
  const std::vector<float> similarities{-3, -1, -2, 0.5f, -0.5f};
  for (uint32_t i = 0; i < 5; ++i) candidates.offer(0, similarities[i], i);
  std::vector<int64_t> indices(3);
  std::vector<float> best(3);
  candidates.take(0, indices.data(), best.data());
  EXPECT_THAT(indices, ElementsAre(3, 4, 1));
  EXPECT_THAT(best, ElementsAre(0.5f, -0.5f, -1.0f));
}

TEST(Candidates, DropWhatIsNotBetterThanABound) {
  Candidates candidates(1, 2);
  EXPECT_EQ(candidates.bound(0), no_match);
  candidates.want_better_than(0, encode_match(0.5f, 7));
  EXPECT_EQ(candidates.thresholds()[0], 0.5f);
  for (const uint32_t index : {6, 7, 8}) candidates.offer(0, 0.5f, index);
  std::vector<Match> matches(2);
  candidates.take(0, matches.data());
  EXPECT_THAT(matches, ElementsAre(encode_match(0.5f, 6), no_match));
  candidates.offer(0, 0.75f, 9);
  EXPECT_EQ(candidates.bound(0), encode_match(0.5f, 6));
}

TEST(MergeMatches, KeepsTheBestOfBoth) {
  std::vector<Match> best = {encode_match(3, 4), encode_match(1, 0), no_match};
  const std::vector<Match> others = {encode_match(3, 5), encode_match(-2, 1), no_match};
  merge_matches(best.data(), others.data(), 3);
  EXPECT_THAT(best, ElementsAre(encode_match(3, 4), encode_match(3, 5), encode_match(1, 0)));
  EXPECT_EQ(similarity_of(best[2]), 1);
  EXPECT_EQ(index_of(best[1]), 5);
}

}  // namespace
}  // namespace nolabel
