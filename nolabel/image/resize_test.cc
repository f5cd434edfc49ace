#include "nolabel/image/resize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/testdata.h"

namespace nolabel {
namespace {

Image ramp(int height, int width) {
  Image image(height, width);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(i * 7);
  return image;
}

TEST(ResizeTest, EqualsPillowByteForByte) {
  const Image source = read_image(golden("resize.png"));
  const auto rows = golden_rows("resize.csv");
  ASSERT_FALSE(rows.empty());
  ResizeScratch scratch;  // reused: what one call leaves must not matter to the next
  for (const auto& row : rows) {
    const Box box{std::stod(row[0]), std::stod(row[1]), std::stod(row[2]), std::stod(row[3])};
    const Image expected = read_image(golden(row[6]));
    Image resized(std::stoi(row[5]), std::stoi(row[4]));
    const auto filter = static_cast<Interpolation>(std::stoi(row[7]));
    resize_into(source.view(), box, resized.height, resized.width, resized.pixels.data(), scratch,
                filter);
    EXPECT_EQ(largest_difference(resized.view(), expected.view()), 0) << row[6];
  }
}

TEST(ResizeTest, ConstantImageStaysConstant) {
  Image flat(31, 17);
  std::fill(flat.pixels.begin(), flat.pixels.end(), 201);
  for (const auto& [height, width] : {std::pair{5, 90}, {62, 3}, {31, 16}, {8, 8}}) {
    EXPECT_THAT(resize(flat.view(), height, width).pixels, testing::Each(201));
  }
}

TEST(ResizeTest, RefusesBoxesOutsideAndEmptyTargets) {
  const Image image = ramp(8, 10);
  EXPECT_THROW(resize(image.view(), {0, 0, 10.5, 8}, 4, 4), Error);
  EXPECT_THROW(resize(image.view(), {-1, 0, 5, 8}, 4, 4), Error);
  EXPECT_THROW(resize(image.view(), {5, 0, 5, 8}, 4, 4), Error);
  EXPECT_THROW(resize(image.view(), 0, 4), Error);
}

TEST(ResizeShortSideTest, TruncatesTheLongSide) {
  const Image wide = resize_short_side(ramp(30, 50).view(), 16);
  EXPECT_EQ(wide.height, 16);
  EXPECT_EQ(wide.width, 26);  // 26.67
  const Image tall = resize_short_side(ramp(50, 30).view(), 45);
  EXPECT_EQ(tall.height, 75);
  EXPECT_EQ(tall.width, 45);
}

TEST(ResizeShortSideTest, KeepsAnImageThatFits) {
  const Image image = ramp(16, 40);
  EXPECT_EQ(resize_short_side(image.view(), 16).pixels, image.pixels);
}

TEST(CentreCropTest, OffsetsRoundHalfToEven) {
  const Image image = ramp(9, 11);
  // (9 - 4) / 2 = 2.5 becomes 2, (11 - 4) / 2 = 3.5 becomes 4.
  const Image crop = centre_crop(image.view(), 4, 4);
  EXPECT_EQ(crop.pixels[0], *image.view().pixel(2, 4));
  EXPECT_EQ(crop.pixels.back(), image.view().pixel(5, 7)[2]);
}

TEST(CentreCropTest, RefusesCropsLargerThanTheImage) {
  EXPECT_THROW(centre_crop(ramp(9, 11).view(), 10, 4), Error);
}

}  // namespace
}  // namespace nolabel
