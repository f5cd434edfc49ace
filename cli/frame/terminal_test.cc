#include "cli/frame/terminal.h"

#include <gtest/gtest.h>

namespace nolabel::cli {
namespace {

TEST(ProgressLine, SaysStageStepCountRateAndTimeLeft) {
  EXPECT_EQ(progress_line({"scan", "epoch 3 of 50", 12800, 50000, "images", 1234.4, 250}),
            "scan  epoch 3 of 50  12,800 of 50,000 images  1,234 images/s  4 min left");
  EXPECT_EQ(progress_line({"decode", "", 7, 0, "images"}), "decode  7 images");
  EXPECT_EQ(progress_line({"simclr", "", 7, 9, "batches", 0.25, 8}),
            "simclr  7 of 9 batches  0.25 batches/s  8 s left");
}

TEST(Grouped, SeparatesThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-123456), "-123,456");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

}  // namespace
}  // namespace nolabel::cli
