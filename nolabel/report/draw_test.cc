#include "nolabel/report/draw.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace nolabel {
namespace {

int painted(const Image& image) {
  int count = 0;
  for (size_t i = 0; i < image.pixels.size(); i += 3) count += image.pixels[i] != 0;
  return count;
}

TEST(Fill, CutsOffWhatLiesOutside) {
  Image image(4, 5);
  fill(image, {-2, -2, 4, 3}, {255, 0, 0});
  EXPECT_EQ(painted(image), 2);
  fill(image, {3, 2, 100, 100}, {255, 0, 0});
  EXPECT_EQ(painted(image), 6);
  fill(image, {9, 9, 3, 3}, {255, 0, 0});
  EXPECT_EQ(painted(image), 6);
}

TEST(Paste, CutsOffWhatLiesOutside) {
  Image white(3, 3), image(4, 4);
  std::ranges::fill(white.pixels, 255);
  paste(image, white.view(), -1, -2);
  EXPECT_EQ(painted(image), 2);
  paste(image, white.view(), 3, 3);
  EXPECT_EQ(painted(image), 3);
  paste(image, white.view(), 4, -3);
  EXPECT_EQ(painted(image), 3);
}

TEST(DrawText, PaintsTheSameDotsEitherWay) {
  Image across(20, 40), upwards(40, 20);
  draw_text(across, "Hj", 1, 2, 2, {255, 255, 255});
  draw_text_upwards(upwards, "Hj", 2, 39, 2, {255, 255, 255});
  EXPECT_EQ(painted(across), painted(upwards));
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 40; ++x) {
      EXPECT_EQ(*across.view().pixel(y, x), *upwards.view().pixel(39 - x, y)) << x << ", " << y;
    }
  }
}

TEST(DrawText, DrawsAnILikeAnI) {
  Image image(8, 6);
  draw_text(image, "I", 0, 0, 1, {255, 255, 255});
  std::string dots;
  for (int y = 0; y < 7; ++y) {
    for (int x = 0; x < 5; ++x) dots += *image.view().pixel(y, x) ? '#' : '.';
    dots += '\n';
  }
  EXPECT_EQ(dots, ".###.\n..#..\n..#..\n..#..\n..#..\n..#..\n.###.\n");
}

TEST(Shortened, CountsCodePointsAndNeverSplitsOne) {
  EXPECT_EQ(shortened("truck", 5), "truck");
  EXPECT_EQ(shortened("trucks", 5), "tru..");
  EXPECT_EQ(shortened("ääääää", 4), "ää..");
  EXPECT_EQ(text_width("ää", 2), 24);
}

}  // namespace
}  // namespace nolabel
