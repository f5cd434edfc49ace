#include "cli/frame/progress_line.h"

#include <gtest/gtest.h>

#include "cli/frame/columns.h"

namespace nolabel::cli {
namespace {

TEST(ProgressLine, SaysStageStepCountRateAndTimeLeft) {
  EXPECT_EQ(progress_line({"scan", "epoch 3 of 50", 12800, 50000, "images", 1234.4, 250}, 80),
            "scan  epoch 3 of 50  12,800 of 50,000 images  1,234 images/s  4 min left");
  EXPECT_EQ(progress_line({"decode", "", 7, 0, "images"}, 80), "decode  7 images");
  EXPECT_EQ(progress_line({"simclr", "", 7, 9, "batches", 0.25, 8}, 80),
            "simclr  7 of 9 batches  0.25 batches/s  8 s left");
}

TEST(ProgressLine, LeavesOutWhatMattersLeastWhereItIsNarrow) {
  const Progress embed{
      "embedding 4 views of each image for training", "", 52000, 160000, "images", 1234, 250};
  EXPECT_EQ(progress_line(embed, 120),
            "embedding 4 views of each image for training  52,000 of 160,000 images"
            "  1,234 images/s  4 min left");
  EXPECT_EQ(progress_line(embed, 80),
            "embedding 4 views of each image for training  52,000 of 160,000  4 min left");
  EXPECT_EQ(progress_line(embed, 60),
            "embedding 4 vi…e for training  52,000 of 160,000  4 min left");
  const Progress scan{"scan", "epoch 3 of 50", 12800, 50000, "images", 1234.4, 250};
  EXPECT_EQ(progress_line(scan, 66),
            "scan  epoch 3 of 50  12,800 of 50,000 images  1,234/s  4 min left");
  EXPECT_EQ(progress_line(scan, 40), "scan  12,800 of 50,000  4 min left");
}

TEST(ProgressLine, FitsEveryWidth) {
  const Progress progress{
      "写真 of été 🐸, a long name", "epoch 3 of 50", 1234567, 7654321, "images", 1234567, 7200};
  for (size_t columns = 0; columns < 130; ++columns) {
    EXPECT_LE(columns_of(progress_line(progress, columns)), columns);
  }
}

}  // namespace
}  // namespace nolabel::cli
