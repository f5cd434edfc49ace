#include "nolabel/image/encode.h"

#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/testdata.h"

namespace nolabel {
namespace {

Image decoded(const std::string& bytes) {
  return decode_image(std::as_bytes(std::span(bytes)));
}

TEST(EncodePngTest, DecodesToTheSamePixels) {
  const Image image = read_image(golden("rgb.ppm"));
  EXPECT_EQ(decoded(encode_png(image.view())).pixels, image.pixels);
}

TEST(EncodeJpegTest, DecodesToNearlyTheSamePixels) {
  Image smooth(40, 56);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 56; ++x) {
      uint8_t* pixel = &smooth.pixels[3 * (y * 56 + x)];
      pixel[0] = static_cast<uint8_t>(3 * x);
      pixel[1] = static_cast<uint8_t>(5 * y);
      pixel[2] = 128;
    }
  }
  EXPECT_LE(largest_difference(decoded(encode_jpeg(smooth.view(), 95)).view(), smooth.view()), 8);
}

TEST(EncodeJpegTest, LowerQualityIsSmaller) {
  const Image image = read_image(golden("rgb.ppm"));
  EXPECT_LT(encode_jpeg(image.view(), 20).size(), encode_jpeg(image.view(), 90).size());
}

TEST(EncodeTest, RefusesWhatTheFormatCannotHold) {
  const Image empty;
  EXPECT_THROW(encode_jpeg(empty.view()), Error);
  EXPECT_THROW(encode_png(empty.view()), Error);
  EXPECT_THROW(encode_jpeg(Image(8, 8).view(), 0), Error);
  EXPECT_THROW(encode_jpeg(Image(1, 70000).view()), Error);
}

}  // namespace
}  // namespace nolabel
