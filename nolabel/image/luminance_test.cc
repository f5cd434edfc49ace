#include "nolabel/image/luminance.h"

#include <gtest/gtest.h>

#include "nolabel/image/scene_testing.h"

namespace nolabel {
namespace {

Image gray_halves(uint8_t left, uint8_t right) {
  Image picture(96, 96);
  for (int y = 0; y < 96; ++y) {
    for (int x = 0; x < 96; ++x) {
      for (int c = 0; c < 3; ++c) {
        picture.pixels[static_cast<size_t>((y * 96 + x) * 3 + c)] = x < 48 ? left : right;
      }
    }
  }
  return picture;
}

TEST(Luminance, CellsAreMeansOfTheWindow) {
  const Image picture = gray_halves(40, 200);
  const Luminance image(picture.view());
  EXPECT_EQ(image.cells({}, 2), (std::vector<float>{40, 200, 40, 200}));
  // A third of this window is dark, in cells whose edges lie between pixels.
  const std::vector<float> cells = image.cells({.left = 0.375, .top = 0.1, .right = 0.75}, 1);
  EXPECT_NEAR(cells[0], (40 + 2 * 200) / 3.0, 1e-3);
}

TEST(Luminance, CellsAreTheMeansThatALoopFinds) {
  const Image picture = scene(1, 96, 96);
  const Luminance image(picture.view());
  const std::vector<float> pixels = image.cells({}, 96);
  const std::vector<float> cells = image.cells({.left = 0.25, .right = 0.75}, 8);
  double sum = 0;  // of the cell in row 3, column 2: 12 rows of 6 pixels
  for (int y = 36; y < 48; ++y) {
    for (int x = 24 + 12; x < 24 + 18; ++x) sum += pixels[y * 96 + x];
  }
  EXPECT_NEAR(cells[3 * 8 + 2], sum / 72, 1e-3);
}

TEST(Luminance, WeighsChannelsAsTheEyeDoes) {
  Image green(5, 7), blue(5, 7);
  for (size_t i = 0; i < green.pixels.size(); i += 3)
    green.pixels[i + 1] = blue.pixels[i + 2] = 200;
  EXPECT_NEAR(Luminance(green.view()).cells({}, 1)[0], 0.587 * 200, 1e-3);
  EXPECT_NEAR(Luminance(blue.view()).cells({}, 1)[0], 0.114 * 200, 1e-3);
  EXPECT_EQ(Luminance(green.view()).shorter_side(), 5);
}

TEST(Correlation, IsPearsons) {
  EXPECT_NEAR(correlation({1, 2, 3}, {10, 20, 30}), 1, 1e-12);
  EXPECT_NEAR(correlation({1, 2, 3}, {3, 2, 1}), -1, 1e-12);
  EXPECT_NEAR(correlation({1, 2, 3, 4}, {1, -1, -1, 1}), 0, 1e-12);
  EXPECT_EQ(correlation({1, 2, 3}, {7, 7, 7}), 0);
  EXPECT_NEAR(variance({1, 2, 3}), 2.0 / 3, 1e-12);
}

}  // namespace
}  // namespace nolabel
