#include "nolabel/run/mined_features.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

TEST(MinedFeatures, AreReadAsTheyAreWritten) {
  for (const bool before_head : {false, true}) {
    for (const int views : {0, 12}) {
      const MinedFeatures read = MinedFeatures::parse(
          MinedFeatures{"abc", before_head, views, views > 0 ? "1f" : ""}.text());
      EXPECT_EQ(read.backbone_hash, "abc");
      EXPECT_EQ(read.before_head, before_head);
      EXPECT_EQ(read.averaged_views, views);
      EXPECT_EQ(read.views, views > 0 ? "1f" : "");
    }
  }
  EXPECT_EQ(MinedFeatures::parse("").backbone_hash, "");
}

}  // namespace
}  // namespace nolabel
