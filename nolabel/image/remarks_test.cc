#include "nolabel/image/remarks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nolabel {
namespace {

TEST(RemarkCountsTest, OneLineForEachKindThatOccurred) {
  RemarkCounts counts;
  counts.add({});
  EXPECT_TRUE(counts.lines().empty());
  counts.add({.levels_scaled = true});
  counts.add({.levels_scaled = true, .bands_dropped = true});
  const auto lines = counts.lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], testing::HasSubstr("uses: 2 ("));
  EXPECT_THAT(lines[1], testing::HasSubstr("alpha: 1."));
}

}  // namespace
}  // namespace nolabel
