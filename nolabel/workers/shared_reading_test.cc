#include "nolabel/workers/shared_reading.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "nolabel/base/file.h"
#include "nolabel/group/group_testing.h"

namespace nolabel {
namespace {

using testing_group::run_as_machines;

// PPM pictures; the last of each five is none, unless all are to be none.
class Pictures {
 public:
  explicit Pictures(int count, bool all_are_broken = false) : all_are_broken_(all_are_broken) {
    for (int i = 0; i < count; ++i) {
      std::string bytes = "P6 7 5 255\n";
      for (int k = 0; k < 7 * 5 * 3; ++k) bytes += static_cast<char>(i * 31 + k * 7);
      if (is_broken(i)) bytes = "P6 no picture";
      ListedImage listed;
      listed.name = format("picture \xff {}.ppm", i);  // not UTF-8
      listed.file = (folder_.path() / listed.name).native();
      write_file(listed.file, bytes);
      EXPECT_TRUE(look_at_file(listed));
      images_.push_back(listed);
    }
  }
  bool is_broken(int i) const { return all_are_broken_ || i % 5 == 4; }
  std::vector<const ListedImage*> all() const {
    std::vector<const ListedImage*> all;
    for (const ListedImage& listed : images_) all.push_back(&listed);
    return all;
  }
  // As after a change of the file, or on a machine that has another.
  void are_other_files_than_listed() {
    for (ListedImage& listed : images_) ++listed.modified;
  }

 private:
  const bool all_are_broken_;
  TemporaryDirectory folder_;
  std::vector<ListedImage> images_;
};

void expect_the_same(const ReadResult& a, const ReadResult& b) {
  EXPECT_EQ(a.image.height, b.image.height);
  EXPECT_EQ(a.image.width, b.image.width);
  EXPECT_EQ(a.image.pixels, b.image.pixels);
  EXPECT_EQ(a.compressed, b.compressed);
  EXPECT_EQ(a.content, b.content);
  EXPECT_EQ(a.digest, b.digest);
  EXPECT_EQ(a.failure, b.failure);
}

void work_until_the_end(Group& group, std::chrono::milliseconds before_help) {
  for (;;) {
    Message message;
    broadcast(group, message);
    if (message.subject != pictures_subject) return;
    std::this_thread::sleep_for(before_help);
    help_to_read(group, message, 1);
  }
}

struct Reading {
  int machines, times;
  LoadOptions options{};
  std::chrono::milliseconds before_read{20};  // so that the leader is not faster alone
  std::chrono::milliseconds before_help{0};   // of the others
};

// How many pictures the leader has read, each time.
std::vector<int> read(const Pictures& pictures, const Reading& reading) {
  std::vector<int> read_here;
  run_as_machines(reading.machines, [&](const std::shared_ptr<Group>& group) {
    if (!group->leads()) {
      work_until_the_end(*group, reading.before_help);
      return;
    }
    const auto help = shared_reading(group);
    const std::vector<const ListedImage*> images = pictures.all();
    for (int time = 0; time < reading.times; ++time) {
      std::atomic<int> count = 0;
      const auto results = help->read(images, reading.options, 1, [&](const ListedImage& listed) {
        ++count;
        std::this_thread::sleep_for(reading.before_read);
        return read_listed(listed, reading.options);
      });
      EXPECT_EQ(results.size(), images.size());
      for (size_t i = 0; i < results.size(); ++i) {
        EXPECT_EQ(results[i].failure.empty(), !pictures.is_broken(static_cast<int>(i)));
        expect_the_same(results[i], read_listed(*images[i], reading.options));
      }
      read_here.push_back(count);
    }
    Message end{.subject = "end"};
    broadcast(*group, end);
  });
  return read_here;
}

using Counts = std::vector<int>;

TEST(SharedReading, DividesThePicturesAmongMachines) {
  Reading reading{.machines = 3, .times = 2};
  for (const CacheFormat format : {CacheFormat::raw, CacheFormat::compressed}) {
    reading.options.cache_format = format;
    // The leader's 4, and 2 of the others that are no pictures.
    EXPECT_EQ(read(Pictures(10), reading), (Counts{6, 6}));
  }
}

TEST(SharedReading, LeavesToTheLeaderWhatOthersDoNotHave) {
  Pictures pictures(24);
  pictures.are_other_files_than_listed();
  EXPECT_EQ(read(pictures, {.machines = 3, .times = 2}), (Counts{24, 24}));
}

TEST(SharedReading, AsksAgainWhereOthersHadNoPicture) {
  const Pictures pictures(9, /*all_are_broken=*/true);
  EXPECT_EQ(read(pictures, {.machines = 3, .times = 2}), (Counts{9, 9}));
}

TEST(SharedReading, HelpsWithFewerPicturesThanProcesses) {
  EXPECT_EQ(read(Pictures(2), {.machines = 3, .times = 2}), (Counts{1, 1}));
  EXPECT_EQ(read(Pictures(1), {.machines = 2, .times = 2}), (Counts{1, 1}));
}

TEST(SharedReading, GivesUpWhereTheLeaderAloneIsFaster) {
  EXPECT_EQ(read(Pictures(4), {.machines = 2,
                               .times = 5,
                               .before_read = std::chrono::milliseconds(0),
                               .before_help = std::chrono::milliseconds(200)}),
            (Counts{2, 2, 2, 4, 4}));
}

TEST(SharedReading, EndsForAllWhenTheLeaderIsStopped) {
  const Pictures pictures(10);
  std::atomic<int> ended = 0;
  EXPECT_THROW(run_as_machines(3,
                               [&](const std::shared_ptr<Group>& group) {
                                 try {
                                   if (!group->leads()) {
                                     work_until_the_end(*group, std::chrono::milliseconds(0));
                                   } else {
                                     shared_reading(group)->read(
                                         pictures.all(), LoadOptions(), 1,
                                         [](const ListedImage&) -> ReadResult {
                                           throw Error(Fault::stopped, "enough");
                                         });
                                   }
                                 } catch (const Error& error) {
                                   EXPECT_EQ(error.fault(), Fault::stopped);
                                   ++ended;
                                   throw;
                                 }
                               }),
               Error);
  EXPECT_EQ(ended, 3);
}

TEST(SharedReading, IsNotForProcessesThatShareProcessors) {
  EXPECT_EQ(shared_reading(single_process()), nullptr);
  testing_group::run_as_group(
      2, [](const std::shared_ptr<Group>& group) { EXPECT_EQ(shared_reading(group), nullptr); });
}

}  // namespace
}  // namespace nolabel
