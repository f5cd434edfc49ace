#include "nolabel/image/decode.h"

#include <gtest/gtest.h>

#include <map>

#include "nolabel/image/testdata.h"

namespace nolabel {
namespace {

// Largest difference from Pillow in levels, by what may differ.
const std::map<std::string, int> kTolerance = {
    {"exact", 0},
    {"rounding", 1},  // libtiff and Pillow round alpha, inks and 16 bits each in their way
    {"jpeg", 1},      // measured 0 with libjpeg-turbo 2.1 against Pillow's 3.1
    {"video", 2},     // measured 1: conversions from YCbCr differ
};

// The expected pixels are PNG files too; that PNG itself decodes rightly is proved by rgb.ppm,
// whose bytes are read as they are.
TEST(DecodeTest, EveryFormatAndModeGivesPillowsPixels) {
  const auto rows = golden_rows("decode.csv");
  ASSERT_GT(rows.size(), 50u);
  for (const auto& row : rows) {
    const std::string &name = row[0], &expected = row[2], &tolerance = row[3];
    DecodeOptions options;
    options.reduce_to_short_side = std::stoi(row[1]);
    const Image image = read_image(golden(name), options);
    EXPECT_LE(largest_difference(image.view(), read_image(golden(expected)).view()),
              kTolerance.at(tolerance))
        << name;
  }
}

}  // namespace
}  // namespace nolabel
