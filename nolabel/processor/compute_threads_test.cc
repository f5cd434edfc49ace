#include "nolabel/processor/compute_threads.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <string>

#include "nolabel/base/error.h"
#include "nolabel/processor/process_memory_testing.h"

namespace nolabel {
namespace {

TEST(ComputeThreads, AreSetUntilTheEndOfTheScope) {
  const ComputeThreads outer(2);
  {
    const ComputeThreads inner(3);
    EXPECT_EQ(at::get_num_threads(), 3);
    const ComputeThreads innermost(1);
    EXPECT_EQ(at::get_num_threads(), 1);
  }
  EXPECT_EQ(at::get_num_threads(), 2);
}

// In a process of its own, where no earlier test has started any.
[[noreturn]] void count_four_threads() {
  const ComputeThreads threads(4);
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  // This thread, three others of OpenMP, and three of LibTorch.
  _exit(std::distance(begin(tasks), end(tasks)) >= 7 ? 7 : 1);
}

TEST(ComputeThreads, RunWhenTheyAreThere) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(count_four_threads(), testing::ExitedWithCode(7), "");
}

// Ends the process with 7 where nine threads were refused as they must be.
[[noreturn]] void ask_for_nine_threads(int64_t bytes_left) {
  limit_address_space_to_further(bytes_left);
  try {
    const ComputeThreads threads(9);
  } catch (const Error& error) {
    const std::string message = error.what();
    const bool right = error.fault() == Fault::system &&
                       message.starts_with("the machine must start 16 threads, and could start ");
    _exit(right ? 7 : 2);
  }
  _exit(3);
}

// LibTorch's team of threads waits without end for a thread that could not be started: this test
// would reach its time limit.
TEST(ComputeThreads, ThatCannotBeStartedAreAnError) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(ask_for_nine_threads(24 << 20), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace nolabel
