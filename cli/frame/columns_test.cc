#include "cli/frame/columns.h"

#include <gtest/gtest.h>

namespace nolabel::cli {
namespace {

TEST(DisplayWidth, CountsCellsNotBytes) {
  EXPECT_EQ(display_width("cat"), 3u);
  EXPECT_EQ(display_width("Käfer"), 5u);
  EXPECT_EQ(display_width("e\u0301"), 1u);  // an accent over the letter
  EXPECT_EQ(display_width("猫"), 2u);
  EXPECT_EQ(display_width("\xff\xfe"), 2u);  // no UTF-8
}

TEST(Padded, FillsAndCutsToTheWidth) {
  EXPECT_EQ(padded("cat", 5), "cat  ");
  EXPECT_EQ(padded("Käfer", 6), "Käfer ");
  EXPECT_EQ(padded("abcdefghij", 5), "ab…ij");
  EXPECT_EQ(padded("猫猫猫猫", 6), "猫…猫 ");
  EXPECT_EQ(display_width(padded("a very long name of a class", 12)), 12u);
}

}  // namespace
}  // namespace nolabel::cli
