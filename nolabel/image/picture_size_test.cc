#include "nolabel/image/picture_size.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

// Rows of one level each: 0, 10, 20 …
Image striped(int height, int width) {
  Image image(height, width);
  for (int y = 0; y < height; ++y) {
    std::fill_n(image.pixels.begin() + y * width * 3, width * 3, static_cast<uint8_t>(10 * y));
  }
  return image;
}

TEST(PictureSize, ReducesTheShortSideAndKeepsProportions) {
  const PictureSize size{.short_side = 8};
  const Image kept = kept_picture(striped(16, 24), size);
  EXPECT_EQ(kept.height, 8);
  EXPECT_EQ(kept.width, 12);
  EXPECT_EQ(kept_picture(striped(4, 6), size).height, 4);
  EXPECT_EQ(kept_picture(striped(4, 6), {.short_side = 8, .enlarge = true}).width, 12);
  EXPECT_EQ(kept_short_side(4, size), 4);
}

TEST(PictureSize, SquashesWhateverTheProportions) {
  const PictureSize size{.short_side = 8, .enlarge = true, .squash = true};
  for (const auto& [height, width] : {std::pair(16, 24), {24, 8}, {8, 8}, {3, 5}}) {
    const Image whole = striped(height, width);
    const Image kept = kept_picture(whole.view(), size);
    EXPECT_EQ(kept.height, 8);
    EXPECT_EQ(kept.width, 8);
    EXPECT_EQ(kept.pixels, kept_picture(Image(whole), size).pixels);
    // All rows are there: the first is dark, the last bright, and levels rise.
    EXPECT_LE(kept.pixels.front(), 15);
    EXPECT_GT(kept.pixels.back(), 10 * (height - 1) - 15);
    EXPECT_LE(kept.pixels[0], kept.pixels[4 * 8 * 3]);
  }
}

TEST(PictureSize, ZeroKeepsPicturesAsTheyAre) {
  for (const bool squash : {false, true}) {
    const Image kept = kept_picture(striped(5, 9), {.short_side = 0, .squash = squash});
    EXPECT_EQ(kept.height, 5);
    EXPECT_EQ(kept.width, 9);
    EXPECT_EQ(kept.pixels, striped(5, 9).pixels);
  }
}

}  // namespace
}  // namespace nolabel
