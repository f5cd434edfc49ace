#include "nolabel/augment/contact_sheet.h"

#include <gtest/gtest.h>

#include "nolabel/augment/golden.h"
#include "nolabel/base/error.h"

namespace nolabel {
namespace {

TEST(ViewSheet, BeginsWithTheImageItself) {
  const Image image = golden::images()[0];  // 32 x 32
  const Image sheet = view_sheet(image.view(), {.strategy = Strategy::ours}, 1, 3, 2);
  ASSERT_EQ(sheet.width, 2 + 3 * 34);
  ASSERT_EQ(sheet.height, 2 + 2 * 34);
  bool second_differs = false;
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) {
      for (int c = 0; c < 3; ++c) {
        ASSERT_EQ(sheet.view().pixel(y + 2, x + 2)[c], image.view().pixel(y, x)[c]);
        second_differs |= sheet.view().pixel(y + 2, x + 36)[c] != image.view().pixel(y, x)[c];
      }
    }
    EXPECT_EQ(sheet.view().pixel(y + 2, 34)[0], 255);  // the gap
  }
  EXPECT_TRUE(second_differs);
}

TEST(ViewSheet, NeedsAtLeastOneView) {
  const Image image(32, 32);
  EXPECT_THROW(view_sheet(image.view(), {}, 1, 0, 2), Error);
}

}  // namespace
}  // namespace nolabel
