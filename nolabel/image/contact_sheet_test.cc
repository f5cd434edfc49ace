#include "nolabel/image/contact_sheet.h"

#include <gtest/gtest.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

Image filled(int height, int width, uint8_t level) {
  Image image(height, width);
  std::fill(image.pixels.begin(), image.pixels.end(), level);
  return image;
}

TEST(ContactSheetTest, PlacesImagesRowByRowAndCentresSmallOnes) {
  const Image large = filled(6, 8, 10), small = filled(2, 4, 20);
  const Image sheet = contact_sheet({large.view(), small.view(), large.view()}, 2, 3);
  ASSERT_EQ(sheet.height, 3 + 6 + 3 + 6 + 3);
  ASSERT_EQ(sheet.width, 3 + 8 + 3 + 8 + 3);
  const auto level = [&](int y, int x) { return int{*sheet.view().pixel(y, x)}; };
  EXPECT_EQ(level(2, 2), 255);
  EXPECT_EQ(level(3, 3), 10);
  EXPECT_EQ(level(8, 10), 10);
  EXPECT_EQ(level(9, 11), 255);
  EXPECT_EQ(level(5, 16), 20);
  EXPECT_EQ(level(4, 16), 255);
  EXPECT_EQ(level(12, 3), 10);
  EXPECT_EQ(level(12, 16), 255);  // no fourth image
}

TEST(ContactSheetTest, IsNoWiderThanItsImages) {
  const Image image = filled(6, 8, 10);
  EXPECT_EQ(contact_sheet({image.view()}, 12, 0).width, 8);
}

TEST(ContactSheetTest, RefusesNothing) {
  EXPECT_THROW(contact_sheet({}, 3), Error);
  EXPECT_THROW(contact_sheet({filled(2, 2, 0).view()}, 0), Error);
}

}  // namespace
}  // namespace nolabel
