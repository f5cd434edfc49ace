#include <gtest/gtest.h>

#include "nolabel/pipeline/effort.h"

namespace nolabel {
namespace {

TEST(EffortTest, QuickTrainsHeadsOnCachedFeatures) {
  const ClusterSettings settings = effort_settings(Effort::quick, 500, 10, 32);
  EXPECT_TRUE(settings.scan.scan.head_only);
  EXPECT_TRUE(settings.selflabel.selflabel.head_only);
  EXPECT_EQ(settings.scan.cached_views, 8);
  // 500 images make 3 batches of 128: 334 epochs are about 1,000 steps.
  EXPECT_EQ(settings.scan.train.epochs, 334);
}

TEST(EffortTest, HeadsOnAFrozenBackboneSeeNormalisedFeaturesAndPublishedOnesDoNot) {
  for (const Effort effort : {Effort::quick, Effort::standard, Effort::full}) {
    const ClusterSettings settings = effort_settings(effort, 500, 10, 32);
    const auto expected =
        effort == Effort::full ? FeatureNormalization::none : FeatureNormalization::center;
    EXPECT_EQ(settings.mine.normalization, expected);
    EXPECT_EQ(settings.scan.normalization, expected);
    EXPECT_EQ(settings.selflabel.normalization, expected);
  }
}

TEST(EffortTest, StandardTunesTheBackboneAndThenTrainsHeadsOnCachedFeatures) {
  const ClusterSettings settings = effort_settings(Effort::standard, 500, 10, 64);
  EXPECT_EQ(settings.pretext.train.epochs, 100);
  EXPECT_TRUE(settings.scan.scan.head_only);
  EXPECT_EQ(settings.scan.cached_views, 8);
  // Tuning has no more views than fit an hour or so, and never fewer than ten epochs.
  EXPECT_EQ(effort_settings(Effort::standard, 10'000, 10, 64).pretext.train.epochs, 40);
  EXPECT_EQ(effort_settings(Effort::standard, 50'000, 10, 64).pretext.train.epochs, 10);
}

TEST(EffortTest, FullIsThePublishedRecipe) {
  const ClusterSettings settings = effort_settings(Effort::full, 50'000, 10, 32);
  EXPECT_EQ(settings.pretext.train.epochs, 500);
  EXPECT_EQ(settings.pretext.train.batch_size, 512);
  EXPECT_EQ(settings.scan.train.epochs, 50);
  EXPECT_EQ(settings.selflabel.train.epochs, 200);
  EXPECT_EQ(settings.mine.neighbors, 20);
  EXPECT_FALSE(settings.scan.scan.head_only);
  EXPECT_EQ(settings.scan.cached_views, 0);
}

TEST(EffortTest, SmallClustersHaveFewNeighbors) {
  EXPECT_EQ(effort_settings(Effort::quick, 100, 10, 32).scan.scan.neighbors, 5);
  EXPECT_EQ(effort_settings(Effort::standard, 10'000, 10, 32).scan.scan.neighbors, 20);
  EXPECT_EQ(effort_settings(Effort::quick, 3, 3, 32).scan.scan.neighbors, 2);
  EXPECT_EQ(effort_settings(Effort::quick, 3, 3, 32).mine.neighbors, 2);
}

}  // namespace
}  // namespace nolabel
