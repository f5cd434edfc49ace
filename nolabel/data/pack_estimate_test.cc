#include "nolabel/data/pack_estimate.h"

#include <gtest/gtest.h>

#include <functional>

namespace nolabel {
namespace {

// Of 40 listed images of which each has 300 bytes, unless it is no image.
PackEstimate estimate(const std::function<bool(int64_t)>& is_image, const ImagesSoFar& so_far,
                      const LoadOptions& options = {}) {
  Listing listing;
  for (int i = 0; i < 40; ++i) listing.images.emplace_back().name = std::to_string(i);
  const ReadingSample sample(
      listing, 1,
      [&](const ListedImage& listed) {
        ReadResult result;
        if (is_image(std::stoi(listed.name))) {
          result.image = Image(10, 10);
        } else {
          result.failure = "no image";
        }
        return result;
      },
      [] { return 0.0; });
  return estimate_pack(listing, sample, so_far, options, Observer());
}

TEST(PackSize, IsThatOfWhatIsThereAndOfTheOthersAsTheSampleIs) {
  const auto all = [](int64_t) { return true; };
  EXPECT_EQ(estimate(all, {}).raw_bytes, 40 * 300);
  EXPECT_EQ(estimate(all, {.listed = 10, .bytes = 99'000}).raw_bytes, 99'000 + 30 * 300);
}

TEST(PackSize, IsNotThatOfImagesThatCannotBeRead) {
  const auto every_fourth = [](int64_t i) { return i % 4 == 0; };
  EXPECT_EQ(estimate(every_fourth, {}).raw_bytes, 40 * 300);
  const auto none = [](int64_t) { return false; };
  LoadOptions options;
  options.pictures.short_side = 20;
  EXPECT_EQ(estimate(none, {}, options).raw_bytes, 40 * 3 * 20 * 20);
  EXPECT_EQ(estimate(none, {}, options).compressed_bytes, 40 * 3 * 20 * 20);
}

}  // namespace
}  // namespace nolabel
