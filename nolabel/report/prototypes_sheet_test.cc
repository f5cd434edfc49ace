#include "nolabel/report/prototypes_sheet.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "nolabel/report/sample_report_test.h"
#include "nolabel/report/thumbnails.h"

namespace nolabel {
namespace {

TEST(PrototypesSheet, HasACellForEveryClusterAlsoForAnEmptyOne) {
  const auto sample = sample_report(40, 4);
  ASSERT_EQ(sample->data.prototypes[4], -1);
  const Image sheet = prototypes_sheet(sample->images, sample->data.prototypes,
                                       {"a", "b", "a very long name of a cluster", "d", "e"});
  // 3 columns and 2 rows of cells of 144 x 162.
  EXPECT_NEAR(sheet.width, 3 * 144, 64);
  EXPECT_NEAR(sheet.height, 2 * 162, 48);
  const std::vector<uint8_t> empty = {238, 240, 244};
  EXPECT_NE(std::ranges::search(sheet.pixels, empty).begin(), sheet.pixels.end());
}

TEST(Fit, KeepsTheAspectRatioAndAtLeastOnePixel) {
  const Image wide(30, 120), line(1, 5000);
  EXPECT_EQ(fit(wide.view(), 60).height, 15);
  EXPECT_EQ(fit(wide.view(), 60).width, 60);
  EXPECT_EQ(fit(line.view(), 100).height, 1);
}

TEST(Square, TakesTheCentre) {
  Image image(10, 30);
  for (int y = 0; y < 10; ++y) {
    for (int x = 10; x < 20; ++x) image.pixels[(y * 30 + x) * 3] = 200;
  }
  const Image centre = square(image.view(), 10);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(centre.pixels[i * 3], 200);
}

TEST(ThumbnailUri, IsAJpegWithoutMetadata) {
  const std::string uri = thumbnail_uri(noise_picture(200, 0, 1).view(), 100);
  EXPECT_EQ(uri.substr(0, 27), "data:image/jpeg;base64,/9j/");
  EXPECT_EQ(uri.find("RXhpZg"), std::string::npos);  // "Exif"
  EXPECT_GT(uri.size(), thumbnail_uri(noise_picture(200, 0, 1).view(), 60).size());
  EXPECT_LT(uri.size(), thumbnail_uri(noise_picture(200, 0, 1).view(), 200).size());
}

}  // namespace
}  // namespace nolabel
