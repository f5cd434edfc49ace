#include "nolabel/data/reading_sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "nolabel/data/compressed_picture.h"

namespace nolabel {
namespace {

Listing listing_of(int64_t images) {
  Listing listing;
  for (int64_t i = 0; i < images; ++i) listing.images.emplace_back().name = std::to_string(i);
  return listing;
}

// A clock that only reading moves.
std::atomic<double> fake_time = 0;
double fake_now() {
  return fake_time;
}

// An image of so many bytes that takes so many seconds.
ReadingSample::Read reading(double seconds, int side) {
  return [=](const ListedImage& listed) {
    fake_time += seconds;
    ReadResult result;
    result.image = Image(side, side);
    result.digest = listed.name;
    return result;
  };
}

// Parts of the listing, each as long as the next, that hold as many of the sample.
void expect_spread(const std::vector<int64_t>& listed, int64_t total) {
  constexpr int parts = 4;
  std::vector<int64_t> counts(parts, 0);
  for (const int64_t i : listed) ++counts[i * parts / total];
  for (const int64_t count : counts) {
    EXPECT_NEAR(static_cast<double>(count), static_cast<double>(listed.size()) / parts, 2);
  }
}

TEST(ReadingSample, HoldsAllOfFewImages) {
  const ReadingSample sample(listing_of(5), 2, reading(0, 1), fake_now);
  EXPECT_THAT(sample.listed(), testing::ElementsAre(0, 1, 2, 3, 4));
  EXPECT_TRUE(ReadingSample(listing_of(0), 2, reading(0, 1), fake_now).listed().empty());
}

TEST(ReadingSample, IsSpreadOverManyImages) {
  const ReadingSample sample(listing_of(10'000), 2, reading(0, 1), fake_now);
  EXPECT_EQ(sample.listed().size(), 256);
  expect_spread(sample.listed(), 10'000);
}

TEST(ReadingSample, OfSlowImagesEndsAfterASecond) {
  const ReadingSample sample(listing_of(10'000), 1, reading(1.0 / 64, 1), fake_now);
  EXPECT_EQ(sample.listed().size(), 65);  // the last one begins within the second
  EXPECT_EQ(sample.seconds_each(), 1.0 / 64);
  EXPECT_EQ(sample.seconds(), 65.0 / 64);
  expect_spread(sample.listed(), 10'000);
}

// Two pictures say little of how large the others are.
TEST(ReadingSample, OfVerySlowImagesTakesSomeSecondsMore) {
  EXPECT_EQ(ReadingSample(listing_of(500), 1, reading(0.0625, 1), fake_now).listed().size(), 32);
  EXPECT_EQ(ReadingSample(listing_of(500), 1, reading(0.5, 1), fake_now).listed().size(), 9);
}

// What is no image says nothing, and fills no second.
TEST(ReadingSample, CountsImagesOnly) {
  const auto read = reading(0.0625, 2);
  const ReadingSample sample(
      listing_of(500), 1,
      [&](const ListedImage& listed) {
        ReadResult result = read(listed);
        if (std::stoi(listed.name) % 2 == 0) {
          result.image = Image();
          result.failure = "no image";
        }
        return result;
      },
      fake_now);
  EXPECT_GT(sample.listed().size(), 32);
  EXPECT_EQ(sample.readable(), 32);
  EXPECT_EQ(sample.bytes_each(), 12);
}

TEST(ReadingSample, OfLargeImagesFillsLittleMemory) {
  const ReadingSample sample(listing_of(10'000), 2, reading(0, 1024), fake_now);  // 3 MiB
  EXPECT_GE(sample.listed().size(), 22);
  EXPECT_LE(sample.listed().size(), 24);
  EXPECT_EQ(sample.bytes_each(), 3 * 1024 * 1024);
}

TEST(ReadingSample, ShowsItsImages) {
  const Listing listing = listing_of(3);
  const ReadingSample sample(listing, 2, [](const ListedImage& listed) {
    ReadResult result;
    if (listed.name == "1") result.failure = "no image";
    result.image = Image(2, 2);
    result.image.pixels.assign(12, 7);
    result.compressed = compress(result.image.view());
    return result;
  });
  for (const bool compressed : {false, true}) {
    const Dataset images = sample.images(listing, compressed);
    EXPECT_EQ(images.size(), 2);
    EXPECT_EQ(images.name(1), "2");
    EXPECT_EQ(images.entries()[1].compressed_bytes > 0, compressed);
    const DatasetImage image = images.image(1);
    EXPECT_NEAR(image.view().data[0], 7, 2);
  }
}

TEST(ReadingSample, IsTakenOnce) {
  ReadingSample sample(listing_of(600), 2, reading(0, 1), fake_now);
  const std::vector<int64_t> listed = sample.listed();
  EXPECT_EQ(sample.waiting(0), 256);
  EXPECT_EQ(sample.waiting(listed[6]), 250);
  EXPECT_EQ(sample.find(listed[3])->digest, std::to_string(listed[3]));
  EXPECT_EQ(sample.take(listed[3])->digest, std::to_string(listed[3]));
  EXPECT_FALSE(sample.find(listed[3]));
  EXPECT_FALSE(sample.take(listed[3]));
  EXPECT_FALSE(sample.take(listed[3] + 1));
  EXPECT_EQ(sample.waiting(0), 255);
  sample.drop_before(listed[6]);  // one of six was taken
  EXPECT_EQ(sample.waiting(0), 250);
  EXPECT_FALSE(sample.take(listed[5]));
  EXPECT_TRUE(sample.take(listed[6]));
}

}  // namespace
}  // namespace nolabel
