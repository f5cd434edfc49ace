#include "nolabel/pipeline/images_ahead.h"

#include <gtest/gtest.h>

#include <vector>

namespace nolabel {
namespace {

// What is told of two images of so many, of which each takes a tenth of a second.
SampledImages sampled(int64_t total) {
  const std::vector<Image> images(2, Image(8, 8));
  return {.images = make_dataset(images, {"a", "b"}),
          .root = "photos",
          .total = total,
          .seconds_each = 0.1,
          .seconds_left = 0.1 * static_cast<double>(total - 2)};
}

class ImagesAheadTest : public testing::Test {
 protected:
  ImagesAheadTest() {
    settings.duplicates = Duplicates::keep;  // no screening, which takes some time
    watch.sampled = [this](const ImagesAhead& images) { told.push_back(images); };
    watch.proceeded = [this](double seconds) { left = seconds; };
  }
  static int64_t none() { return 0; }

  DataSettings settings;
  Environment environment;
  LoadingWatch watch;
  std::vector<ImagesAhead> told;
  double left = -1;
};

TEST_F(ImagesAheadTest, AreOfOnePart) {
  settings.hold_out = 0.2;
  LoadedParts parts(watch, settings, environment);
  const ReadingWatch all = parts.next(0, none);
  all.sampled(sampled(1002));
  ASSERT_EQ(told.size(), 1);
  EXPECT_EQ(told[0].sample.size(), 2);
  EXPECT_EQ(told[0].root, "photos");
  EXPECT_EQ(told[0].train, 802);
  EXPECT_EQ(told[0].validation, 200);
  EXPECT_DOUBLE_EQ(told[0].seconds, 100);
  all.proceeded(7);
  EXPECT_EQ(left, 7);
}

TEST_F(ImagesAheadTest, AreOfBothPartsOfASplit) {
  LoadedParts parts(watch, settings, environment);
  const ReadingWatch train = parts.next(0, [] { return 500; });
  train.sampled(sampled(1002));
  ASSERT_EQ(told.size(), 1);
  EXPECT_EQ(told[0].train, 1002);
  EXPECT_EQ(told[0].validation, 500);
  EXPECT_DOUBLE_EQ(told[0].seconds, 150);
  train.proceeded(7);
  EXPECT_DOUBLE_EQ(left, 57);
  const ReadingWatch test = parts.next(1000, none);
  test.sampled(sampled(500));
  EXPECT_EQ(told.size(), 1);
  test.proceeded(7);
  EXPECT_DOUBLE_EQ(left, 7);
}

// Such a part is read, too, and its time was added to that of the first.
TEST_F(ImagesAheadTest, AreNotCountedTwiceWhereNoneOfTheSecondSampleIsReadable) {
  LoadedParts parts(watch, settings, environment);
  parts.next(0, [] { return 500; }).sampled(sampled(1002));
  parts.next(1000, none).proceeded(7);
  EXPECT_DOUBLE_EQ(left, 7);
}

TEST_F(ImagesAheadTest, MayBeToldWithoutWhatFollows) {
  watch.proceeded = nullptr;
  LoadedParts parts(watch, settings, environment);
  const ReadingWatch all = parts.next(0, none);
  all.sampled(sampled(1002));
  EXPECT_NO_THROW(all.proceeded(7));
}

TEST_F(ImagesAheadTest, MayBeOfTheSecondPartOnly) {
  LoadedParts parts(watch, settings, environment);
  parts.next(0, none);  // its pack was there
  const ReadingWatch test = parts.next(1000, none);
  test.sampled(sampled(500));
  ASSERT_EQ(told.size(), 1);
  EXPECT_EQ(told[0].train, 1000);
  EXPECT_EQ(told[0].validation, 500);
  EXPECT_NEAR(told[0].seconds, 49.8, 1e-9);
}

TEST_F(ImagesAheadTest, AreScreenedToo) {
  settings.duplicates = Duplicates::group;
  LoadedParts parts(watch, settings, environment);
  const ReadingWatch all = parts.next(0, none);
  all.sampled(sampled(1002));
  EXPECT_GT(told[0].seconds, 100);
  all.proceeded(7);
  EXPECT_NEAR(left, 7 + told[0].seconds - 100, 1e-9);
}

TEST_F(ImagesAheadTest, AreNotToldToNobody) {
  const LoadingWatch nobody;
  LoadedParts parts(nobody, settings, environment);
  EXPECT_FALSE(parts.next(0, none).sampled);
}

}  // namespace
}  // namespace nolabel
