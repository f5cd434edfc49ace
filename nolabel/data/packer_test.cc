// What is told while pictures are read, and what is left when this ends early.
#include "nolabel/data/packer.h"

#include <gmock/gmock.h>

#include <atomic>
#include <map>

#include "nolabel/data/test_pack.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ReadingWatchTest : public PackTest {
 protected:
  void SetUp() override {
    PackTest::SetUp();
    options.threads = 2;
    options.watch.sampled = [this](const SampledImages& images) { sampled.push_back(images); };
    options.watch.proceeded = [this](double seconds) { left.push_back(seconds); };
    means.read = [this](const ListedImage& listed, const LoadOptions& how) {
      time += seconds_each;
      return read_listed(listed, how);
    };
    means.now = [this] { return time.load(); };
  }
  void add_photos(int count) const {
    for (int i = 0; i < count; ++i) {
      write(format("photos/2/more{}.png", i), picture(static_cast<uint8_t>(i), 5, 5));
    }
  }
  // By a clock that only reading moves. How many images there are.
  int64_t read() {
    log.clear();
    const Listing listing = list_images({root / "photos"}, options, observer);
    bool saves = false;
    PackTable table;
    read_images(listing, options, PackCache(listing, options), {table, saves}, observer, means);
    return std::ssize(table.images);
  }
  // The same for what ends with an error.
  std::string complaint_of_read(Fault fault) {
    try {
      read();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      return error.what();
    }
    return "";
  }
  // Reads until so many are done, into a pack that the next process goes on with.
  void begin_pack(int64_t done) {
    options.memory_bytes = 0;
    observer.progress = [this, done](const Progress& progress) {
      if (progress.done >= done) observer.cancel.request();
    };
    complaint_of_read(Fault::stopped);
    observer.cancel = CancelToken();
    observer.progress = nullptr;
    sampled.clear();
    left.clear();
  }

  std::vector<SampledImages> sampled;
  std::vector<double> left;
  ReadingMeans means;
  std::atomic<double> time = 0;
  double seconds_each = 1.0 / 1024;
};

TEST_F(ReadingWatchTest, IsToldOfASampleFirst) {
  add_photos(600);
  options.watch.sampled = [this](const SampledImages& images) {
    EXPECT_TRUE(left.empty());
    sampled.push_back(images);
  };
  EXPECT_EQ(read(), 631);
  ASSERT_EQ(sampled.size(), 1);
  const SampledImages& told = sampled[0];
  EXPECT_GE(told.images.size(), 255);  // of 256, one may be the file that is no picture
  EXPECT_NEAR(static_cast<double>(told.total), 631, 3);
  EXPECT_EQ(told.seconds_each, seconds_each);
  EXPECT_EQ(told.seconds_left, (632 - 256) * told.seconds_each);
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
  read();
  EXPECT_TRUE(std::ranges::is_sorted(done));
  EXPECT_GE(done.front(), 256);
  EXPECT_EQ(done.back(), 632);
}

TEST_F(ReadingWatchTest, MayEndTheReading) {
  for (const int64_t memory : {int64_t{1} << 20, int64_t{0}}) {
    options.memory_bytes = memory;
    observer.cancel = CancelToken();
    options.watch.sampled = [](const SampledImages&) { fail_usage("not these"); };
    EXPECT_EQ(complaint({root / "photos"}, Fault::usage), "not these");
    options.watch.sampled = [this](const SampledImages&) {
      observer.cancel.request();
      observer.stop_if_requested();
    };
    complaint({root / "photos"}, Fault::stopped);
  }
}

// They may be of hours, and the error is of something else.
TEST_F(ReadingWatchTest, AnErrorInTheWatchLeavesTheDecodedPictures) {
  seconds_each = 0.25;  // a piece of 8 images tells of itself
  begin_pack(20);
  const auto sees = options.watch.sampled;
  options.watch.sampled = [](const SampledImages&) { fail_system("cannot list the test images"); };
  EXPECT_EQ(complaint_of_read(Fault::system), "cannot list the test images");
  EXPECT_THAT(log, HasSubstr("of 32 images are there from before"));
  const std::string before = log;
  options.watch.sampled = sees;
  options.watch.proceeded = [](double) { fail_system("the disk of the run is full"); };
  EXPECT_EQ(complaint_of_read(Fault::system), "the disk of the run is full");
  EXPECT_EQ(log, before);
  options.watch.proceeded = nullptr;
  EXPECT_EQ(read(), 31);
  EXPECT_THAT(log, HasSubstr("of 32 images are there from before"));
  EXPECT_NE(log, before);  // the piece before the second error is kept, too
}

// A run into as many clusters as there are images in all is estimated, too.
TEST_F(ReadingWatchTest, AfterAResumeIsToldOfAllImages) {
  add_photos(600);
  begin_pack(500);
  EXPECT_EQ(read(), 631);
  EXPECT_THAT(log, HasSubstr("512 of 632 images are there from before"));
  ASSERT_EQ(sampled.size(), 1);
  EXPECT_GE(sampled[0].images.size(), 255);
  EXPECT_NEAR(static_cast<double>(sampled[0].total), 631, 3);
  EXPECT_EQ(sampled[0].seconds_left, (120 - 49) * seconds_each);  // of 120, the sample has 49
}

TEST_F(ReadingWatchTest, AfterAResumeTheRateIsThatOfReading) {
  add_photos(600);
  begin_pack(500);
  Progress last;
  observer.progress = [&](const Progress& progress) { last = progress; };
  read();
  EXPECT_THAT(log, HasSubstr("512 of 632 images are there from before"));
  EXPECT_EQ(last.done, 632);
  EXPECT_DOUBLE_EQ(last.per_second, 1 / seconds_each);
}

// The same command with a limit that passes during the sample, again and again.
TEST_F(ReadingWatchTest, OfSlowPicturesALimitLetsEveryProcessGetOn) {
  options.memory_bytes = 0;
  seconds_each = 2;
  options.watch.sampled = [this](const SampledImages&) {
    observer.cancel.time_out(std::chrono::milliseconds(1));
  };
  int64_t stops = 0;
  while (complaint_of_read(Fault::stopped) != "" && stops < 20) {
    ++stops;
    observer.cancel = CancelToken();
  }
  EXPECT_EQ(stops, 3);  // 32 images, 8 a piece: the end is not stopped
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
