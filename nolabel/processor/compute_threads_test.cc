#include "nolabel/processor/compute_threads.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

int64_t address_space() {
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

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

// Ends the process with 7 where nine threads were refused as they must be.
[[noreturn]] void ask_for_nine_threads(int64_t bytes_left) {
  const auto little = static_cast<rlim_t>(address_space() + bytes_left);
  const rlimit limit{.rlim_cur = little, .rlim_max = little};
  if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(1);
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
  EXPECT_EXIT(ask_for_nine_threads(24 << 20), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace nolabel
