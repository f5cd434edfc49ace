// What load_images() tells while it reads.
#include <gmock/gmock.h>

#include <map>

#include "nolabel/data/test_pack.h"

namespace nolabel {
namespace {

class ReadingWatchTest : public PackTest {
 protected:
  void SetUp() override {
    PackTest::SetUp();
    options.threads = 2;
    options.watch.sampled = [this](const SampledImages& images) { sampled.push_back(images); };
    options.watch.proceeded = [this](double seconds) { left.push_back(seconds); };
  }
  void add_photos(int count) const {
    for (int i = 0; i < count; ++i) {
      write(format("photos/2/more{}.png", i), picture(static_cast<uint8_t>(i), 5, 5));
    }
  }

  std::vector<SampledImages> sampled;
  std::vector<double> left;
};

TEST_F(ReadingWatchTest, IsToldOfASampleFirst) {
  add_photos(600);
  options.watch.sampled = [this](const SampledImages& images) {
    EXPECT_TRUE(left.empty());
    sampled.push_back(images);
  };
  EXPECT_EQ(load_photos().dataset.size(), 631);
  ASSERT_EQ(sampled.size(), 1);
  const SampledImages& told = sampled[0];
  EXPECT_GE(told.images.size(), 255);  // of 256, one may be the file that is no picture
  EXPECT_NEAR(static_cast<double>(told.total), 631, 3);
  EXPECT_GT(told.seconds_each, 0);
  EXPECT_NEAR(told.seconds_left, (632 - 256) * told.seconds_each, 1e-9);
  EXPECT_EQ(left.back(), 0);
}

// So that what was kept of them is found by the sample's pixels.
TEST_F(ReadingWatchTest, SeesTheImagesAsTheyAreKept) {
  for (const CacheFormat format : {CacheFormat::raw, CacheFormat::compressed}) {
    for (const int64_t memory : {int64_t{1} << 20, int64_t{0}}) {
      options.cache_format = format;
      options.memory_bytes = memory;
      std::filesystem::remove_all(root / "cache");
      const Dataset loaded = load_photos().dataset;
      std::map<std::string, RowKey> keys;
      for (int64_t i = 0; i < loaded.size(); ++i) keys[loaded.name(i)] = loaded.pixel_key(i);
      const Dataset& told = sampled.back().images;
      ASSERT_EQ(told.size(), 31);
      for (int64_t i = 0; i < told.size(); ++i) EXPECT_EQ(told.pixel_key(i), keys[told.name(i)]);
    }
  }
  EXPECT_EQ(sampled.size(), 4);
}

TEST_F(ReadingWatchTest, IsToldNothingOfImagesThatAreDecoded) {
  options.memory_bytes = 0;
  load_photos();
  sampled.clear();
  left.clear();
  load_photos();
  EXPECT_TRUE(sampled.empty());
  EXPECT_TRUE(left.empty());
}

TEST_F(ReadingWatchTest, SampledImagesCountAsReadFromTheBeginning) {
  add_photos(600);
  std::vector<int64_t> done;
  observer.progress = [&](const Progress& progress) { done.push_back(progress.done); };
  load_photos();
  EXPECT_TRUE(std::ranges::is_sorted(done));
  EXPECT_GE(done.front(), 256);
  EXPECT_EQ(done.back(), 632);
}

TEST_F(ReadingWatchTest, MayEndTheReading) {
  options.watch.sampled = [](const SampledImages&) { fail_usage("not these"); };
  EXPECT_EQ(complaint({root / "photos"}, Fault::usage), "not these");
  options.watch.sampled = [this](const SampledImages&) {
    observer.cancel.request();
    observer.stop_if_requested();
  };
  complaint({root / "photos"}, Fault::stopped);
}

// A command that is repeated with a short limit is to get on each time.
TEST_F(ReadingWatchTest, ALimitThatEndsTheWatchLetsReadingGoOn) {
  options.memory_bytes = 0;
  options.watch.sampled = [this](const SampledImages&) {
    observer.cancel.time_out(std::chrono::milliseconds(1));
    observer.stop_if_requested();
  };
  EXPECT_EQ(load_photos().dataset.size(), 31);
}

}  // namespace
}  // namespace nolabel
