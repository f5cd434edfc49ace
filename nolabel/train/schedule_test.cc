#include "nolabel/train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nolabel {
namespace {

TEST(learning_rate, CosineEndsNearItsMinimum) {
  const ScheduleSettings settings{.kind = Schedule::cosine, .decay_rate = 0.1, .decay_epochs = {}};
  EXPECT_DOUBLE_EQ(learning_rate(settings, 0.4, 0, 500), 0.4);
  EXPECT_NEAR(learning_rate(settings, 0.4, 250, 500), (0.4 + 0.4e-3) / 2, 1e-12);
  EXPECT_NEAR(learning_rate(settings, 0.4, 500, 500), 0.4e-3, 1e-12);
}

TEST(learning_rate, StepCountsTheEpochsBelow) {
  const ScheduleSettings settings{
      .kind = Schedule::step, .decay_rate = 0.1, .decay_epochs = {3, 6}};
  EXPECT_DOUBLE_EQ(learning_rate(settings, 1, 3, 10), 1);
  EXPECT_DOUBLE_EQ(learning_rate(settings, 1, 4, 10), 0.1);
  EXPECT_NEAR(learning_rate(settings, 1, 7, 10), 0.01, 1e-15);
}

TEST(warmup_factor, RisesLinearlyToOne) {
  const ScheduleSettings settings{.decay_epochs = {}, .warmup_epochs = 2};
  EXPECT_DOUBLE_EQ(warmup_factor(settings, 0, 10), 0.05);
  EXPECT_DOUBLE_EQ(warmup_factor(settings, 9, 10), 0.5);
  EXPECT_DOUBLE_EQ(warmup_factor(settings, 19, 10), 1);
  EXPECT_DOUBLE_EQ(warmup_factor(settings, 1000, 10), 1);
  EXPECT_DOUBLE_EQ(warmup_factor(ScheduleSettings{}, 0, 10), 1);
}

}  // namespace
}  // namespace nolabel
