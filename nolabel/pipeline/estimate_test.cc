#include "nolabel/pipeline/estimate.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

constexpr int64_t photos = 1000;

double quick(const ViewCosts& views, const FeatureCosts& features, int64_t validation = 0) {
  return estimate_seconds({.images = photos, .validation = validation},
                          effort_settings(Effort::quick, photos, 10, 32), views, features);
}

// 1,000 images: every plain view once, 8 drawn ones of each.
TEST(EstimateTest, QuickEmbedsEveryCachedViewOnce) {
  EXPECT_DOUBLE_EQ(quick({.plain = 1}, {}), 1000);
  EXPECT_DOUBLE_EQ(quick({.plain = 1}, {}, 300), 1300);
  EXPECT_DOUBLE_EQ(quick({.drawn = 1}, {}, 300), 8'000);
}

TEST(EstimateTest, WhatEarlierRunsHaveKeptIsNotEmbedded) {
  const ClusterSettings settings = effort_settings(Effort::quick, photos, 10, 32);
  const EstimatedRun run{
      .images = photos, .validation = 300, .known_plain = 1100, .known_drawn = 7'500};
  EXPECT_DOUBLE_EQ(estimate_seconds(run, settings, {.plain = 1}, {}), 200);
  EXPECT_DOUBLE_EQ(estimate_seconds(run, settings, {.drawn = 1}, {}), 500);
}

// 143 epochs of 7 batches of 128, and 500 of one batch of 1,000; five clusterings with k-means;
// pictures by the number of clusters.
TEST(EstimateTest, QuickTrainsHeadsAndDrawsAReport) {
  EXPECT_DOUBLE_EQ(quick({}, {.scan_step = 1}), 143 * 7);
  EXPECT_DOUBLE_EQ(quick({}, {.selflabel_step = 1}), 500);
  EXPECT_DOUBLE_EQ(quick({}, {.epoch = 1}), 143 + 500);
  EXPECT_DOUBLE_EQ(quick({}, {.validated_image = 1}), 143 * 1000);
  EXPECT_DOUBLE_EQ(quick({}, {.validated_image = 1}, 300), 143 * 300);
  EXPECT_DOUBLE_EQ(quick({}, {.clustered_image = 1}, 300), 1000);
  EXPECT_DOUBLE_EQ(quick({}, {.silhouette_pair = 1}), 5e6);
  EXPECT_DOUBLE_EQ(quick({}, {.mapped_pair = 1}), 1e6);
  EXPECT_DOUBLE_EQ(quick({}, {.pictured_image = 1}), 10 * 73);
}

TEST(EstimateTest, FiguresAreOfASample) {
  const auto seconds = [](int64_t count) {
    return estimate_seconds({.images = count}, effort_settings(Effort::quick, count, 10, 32), {},
                            {.silhouette_pair = 1, .mapped_pair = 1});
  };
  EXPECT_DOUBLE_EQ(seconds(2000), seconds(50'000));
}

TEST(EstimateTest, MoreEffortTakesLonger) {
  const auto seconds = [](Effort effort) {
    return estimate_seconds({.trains_backbone = effort != Effort::quick, .images = 5000},
                            effort_settings(effort, 5000, 10, 32), {.plain = 1e-3, .drawn = 1.5e-3},
                            {.scan_step = 1e-3});
  };
  EXPECT_LT(seconds(Effort::quick), seconds(Effort::standard));
  EXPECT_LT(seconds(Effort::standard), seconds(Effort::full));
}

}  // namespace
}  // namespace nolabel
