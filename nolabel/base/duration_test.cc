#include "nolabel/base/duration.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

TEST(DurationText, HasTheTwoUnitsThatMatter) {
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(59.6), "1 min");
  EXPECT_EQ(duration_text(3599), "1 h 0 min");
  EXPECT_EQ(duration_text(4800), "1 h 20 min");
  EXPECT_EQ(duration_text(183600), "2 d 3 h");
}

}  // namespace
}  // namespace nolabel
