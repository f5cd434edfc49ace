#include "nolabel/base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "nolabel/base/error.h"
#include "nolabel/base/peak_memory_testing.h"
#include "nolabel/base/threads.h"

namespace nolabel {
namespace {
namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(directory);
    fs::create_directories(directory);
  }
  void TearDown() override { fs::remove_all(directory); }
  const fs::path directory =
      fs::path(testing::TempDir()) / format("file_test_{}", int64_t{getpid()});
};

TEST_F(FileTest, AtomicFileWithoutCommitLeavesThePrevious) {
  const fs::path path = directory / "a";
  write_file(path, "old");
  {
    AtomicFile file(path);
    file.write("half of the ne");
  }
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory), {}), 1);
}

// Processes of two containers may have one number, so the same as two writers of this process.
TEST_F(FileTest, TwoWritersOfOneFileDoNotMeet) {
  const fs::path path = directory / "a";
  AtomicFile first(path);
  first.write("the first");
  AtomicFile second(path);
  second.write("second");
  first.commit();
  EXPECT_EQ(read_file(path), "the first");
  second.commit();
  EXPECT_EQ(read_file(path), "second");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory), {}), 1);
}

// `--json /dev/stdout` must not turn the device into a file.
TEST_F(FileTest, PipesAreWrittenInPlace) {
  const fs::path path = directory / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  write_file(path, "hello");
  char text[8] = {};
  EXPECT_EQ(read(reader, text, sizeof text), 5);
  EXPECT_STREQ(text, "hello");
  close(reader);
  EXPECT_TRUE(fs::is_fifo(path));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory), {}), 1);
}

TEST_F(FileTest, KilledWriterLeavesThePrevious) {
  const fs::path path = directory / "a";
  write_file(path, "old");
  if (const pid_t child = fork(); child == 0) {
    AtomicFile file(path);
    file.write("half of the ne");
    raise(SIGKILL);
  } else {
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  EXPECT_EQ(read_file(path), "old");
}

TEST_F(FileTest, FullDiskIsNamed) {
  try {
    append_to_file("/dev/full", "x");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::system);
    EXPECT_STREQ(error.what(), "cannot write /dev/full: disk full");
  }
}

TEST_F(FileTest, ASecondProcessIsRefused) {
  const DirectoryLock lock(directory / "run");
  if (const pid_t child = fork(); child == 0) {
    try {
      DirectoryLock second(directory / "run");
    } catch (const Error& error) {
      _exit(error.fault() == Fault::usage ? 0 : 1);
    }
    _exit(2);
  } else {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
}

// Threads that pass over a file of three times as much.
TEST_F(FileTest, WhatWasPassedOfAMappedFileLeavesTheMemory) {
  constexpr int64_t block = 1 << 20, blocks = 3 * (MappedFile::most_passed >> 20);
  const fs::path path = directory / "large";
  write_file(path, "begin");
  fs::resize_file(path, block * blocks);  // it takes no room on the disk
  const MappedFile file(path);
  const auto first = [&](int64_t i) { return std::to_integer<char>(file.bytes()[i * block]); };
  const double before = peak_mb(true);
  std::atomic<int64_t> sum = 0;
  parallel_for(blocks, 2, 1, [&](int64_t i, int64_t) {
    for (int64_t byte = 0; byte < block; byte += 512) {
      sum += std::to_integer<int64_t>(file.bytes()[i * block + byte]);
    }
    file.passed(block);
  });
  const double took = peak_mb(false) - before;
  EXPECT_GT(took, 200) << "the measurement shows nothing";
  EXPECT_LT(took, 300);
  EXPECT_EQ(sum, 'b');
  EXPECT_EQ(first(0), 'b');  // what was given back can be read
}

TEST(parallel_for, CoversEveryIndexOnceAndRethrows) {
  std::vector<int> seen(1003);
  parallel_for(1003, 4, 10, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) ++seen[i];
  });
  EXPECT_THAT(seen, testing::Each(1));
  EXPECT_THROW(parallel_for(100, 4, 1,
                            [](int64_t i, int64_t) {
                              if (i == 50) fail_data("piece {}", i);
                            }),
               Error);
}

}  // namespace
}  // namespace nolabel
