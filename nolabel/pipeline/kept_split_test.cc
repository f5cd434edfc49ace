#include "nolabel/pipeline/kept_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace nolabel {
namespace {

using testing::ElementsAre;
using enum RunSplit;

PlacedImages images_at(const std::filesystem::path& root,
                       const std::vector<std::pair<std::string, std::string>>& files,
                       size_t held_out = 0) {
  PlacedImages result{.list = {}, .root = root};
  result.list.held_out = held_out;
  for (const auto& [name, content] : files) {
    result.list.images.push_back({name, content_id(content)});
  }
  return result;
}

std::vector<int64_t> each_alone(size_t count) {
  std::vector<int64_t> groups(count);
  std::iota(groups.begin(), groups.end(), 0);
  return groups;
}

TEST(EarlierSides, FollowAnImageAndThenItsPlace) {
  const PlacedImages was = images_at(
      "/p", {{"a", "A"}, {"b", "B"}, {"copy", "C"}, {"c", "C"}, {"d", "D"}}, /*held_out=*/2);
  const PlacedImages is = images_at("/p", {{"a", "A"},
                                           {"b", "other"},    // another content in this place
                                           {"copy", "C"},     // stays
                                           {"moved/c", "C"},  // the one that was held out
                                           {"a2", "A"},       // a copy of what is still there
                                           {"d", "A"},        // a copy in the place of D
                                           {"new", "N"}});
  EXPECT_THAT(earlier_sides(was, is),
              ElementsAre(train, train, train, validation, std::nullopt, validation, std::nullopt));
}

TEST(KeptHoldOut, NewImagesFollowTheirGroup) {
  const std::vector<std::optional<RunSplit>> sides{train, validation, {}, {}, validation, {}};
  // 2 is nearly 0, 3 is nearly 1, 5 is nearly both 0 and 4.
  const std::vector<ContentId> contents(6);
  EXPECT_THAT(kept_hold_out(sides, {0, 1, 0, 1, 4, 4}, contents, 0.5, 1).test,
              ElementsAre(1, 3, 4, 5));
  EXPECT_THAT(kept_hold_out(sides, {0, 1, 0, 1, 0, 0}, contents, 0.5, 1).test,
              ElementsAre(1, 3, 4));
}

TEST(KeptHoldOut, HoldsAShareOfNewImagesOutWhateverComesWithThem) {
  std::vector<ContentId> contents;
  for (int i = 0; i < 2000; ++i) contents.push_back(content_id(std::to_string(i)));
  const auto held_out = [&](size_t count, uint64_t seed) {
    return kept_hold_out(std::vector<std::optional<RunSplit>>(count), each_alone(count),
                         {contents.begin(), contents.begin() + static_cast<long>(count)}, 0.2, seed)
        .test;
  };
  const std::vector<int64_t> all = held_out(2000, 7), some = held_out(1000, 7);
  EXPECT_NEAR(static_cast<double>(all.size()), 400, 60);
  ASSERT_LT(some.size(), all.size());
  EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
  EXPECT_NE(held_out(1000, 8), some);
}

TEST(RepresentByTrainingImages, LeavesNoTrainingImageToOneThatIsHeldOut) {
  Screening screening{.representative = {0, 4, 4, 3, 4, 4, 6}, .has_content = {}};
  represent_by_training_images(screening, 4);
  EXPECT_THAT(screening.representative, ElementsAre(0, 1, 1, 3, 1, 1, 6));
}

}  // namespace
}  // namespace nolabel
