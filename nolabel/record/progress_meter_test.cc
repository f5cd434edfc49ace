#include "nolabel/record/progress_meter.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const ProgressMeter::Clock::time_point start{};

TEST(ProgressMeter, SteadyWorkHasItsRateAndTimeLeft) {
  ProgressMeter meter("scan", "images", 1000, 0, start);
  Progress progress;
  for (int second = 1; second <= 50; ++second) {
    progress = meter.update(10 * second, "epoch 1 of 2", start + seconds(second));
    EXPECT_DOUBLE_EQ(progress.per_second, 10);
  }
  EXPECT_DOUBLE_EQ(progress.seconds_left, 50);
  EXPECT_EQ(progress.stage, "scan");
  EXPECT_EQ(progress.step, "epoch 1 of 2");
  EXPECT_EQ(progress.unit, "images");
  EXPECT_EQ(progress.total, 1000);
  EXPECT_EQ(meter.update(1000, "", start + seconds(60)).seconds_left, 0);
}

TEST(ProgressMeter, FollowsAChangeOfSpeed) {
  ProgressMeter meter("scan", "images", 0, 0, start);
  for (int i = 1; i <= 1000; ++i) meter.update(i, "", start + milliseconds(100 * i));
  Progress progress;
  for (int i = 1; i <= 60; ++i) progress = meter.update(1000 + 2 * i, "", start + seconds(100 + i));
  EXPECT_DOUBLE_EQ(progress.per_second, 2);
  EXPECT_EQ(progress.seconds_left, -1);  // of an unknown total
}

TEST(ProgressMeter, ResumedWorkCountsOnlyWhatIsNew) {
  ProgressMeter meter("scan", "images", 1000, 900, start);
  EXPECT_EQ(meter.update(900, "", start).seconds_left, -1);
  const Progress progress = meter.update(910, "", start + seconds(1));
  EXPECT_DOUBLE_EQ(progress.per_second, 10);
  EXPECT_DOUBLE_EQ(progress.seconds_left, 9);
}

TEST(ProgressMeter, StepsLongerThanTheWindowHaveARate) {
  ProgressMeter meter("simclr", "images", 0, 0, start);
  meter.update(100, "", start + seconds(100));
  EXPECT_DOUBLE_EQ(meter.update(200, "", start + seconds(200)).per_second, 1);
}

}  // namespace
}  // namespace nolabel
