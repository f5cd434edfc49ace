#include "nolabel/run/mined_features.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

TEST(MinedFeatures, AreReadAsTheyAreWritten) {
  for (const bool before_head : {false, true}) {
    const MinedFeatures read = MinedFeatures::parse(MinedFeatures{"abc", before_head}.text());
    EXPECT_EQ(read.backbone_hash, "abc");
    EXPECT_EQ(read.before_head, before_head);
  }
  EXPECT_EQ(MinedFeatures::parse("").backbone_hash, "");
}

}  // namespace
}  // namespace nolabel
