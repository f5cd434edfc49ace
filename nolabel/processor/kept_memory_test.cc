#include "nolabel/processor/kept_memory.h"

#include <ATen/ATen.h>
#include <c10/core/CPUAllocator.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "nolabel/processor/process_memory_testing.h"

namespace nolabel {
namespace {

constexpr int64_t mebibyte = int64_t{1} << 20;

at::Tensor bytes(int64_t count) {
  return at::empty({count}, at::kByte);
}

TEST(KeptMemory, ATensorGetsTheMemoryOfAnEarlierOne) {
  const KeptMemory memory;
  const void* first = bytes(40 * mebibyte).data_ptr();
  EXPECT_EQ(kept_bytes().used, 0);
  EXPECT_GE(kept_bytes().kept, 40 * mebibyte);
  const at::Tensor same = bytes(39 * mebibyte);
  EXPECT_EQ(same.data_ptr(), first);
  EXPECT_EQ(kept_bytes().used, 39 * mebibyte);
}

TEST(KeptMemory, WhatNoTensorUsesGoesBackAtItsEnd) {
  at::Tensor kept;
  const int64_t before = resident();
  {
    const KeptMemory memory;
    const at::Tensor first = at::full({100 * mebibyte}, 1, at::kByte);
    kept = at::full({8 * mebibyte}, 3, at::kByte);
    const at::Tensor last = at::full({100 * mebibyte}, 2, at::kByte);
    EXPECT_GE(resident() - before, 208 * mebibyte);
  }
  EXPECT_EQ(kept_bytes().kept, 0);
  EXPECT_EQ(kept_bytes().used, 8 * mebibyte);
  EXPECT_LT(resident() - before, 40 * mebibyte);  // with what the operators load
  EXPECT_TRUE(kept.eq(3).all().item<bool>());
  kept.reset();
  EXPECT_EQ(kept_bytes().used, 0);
  EXPECT_EQ(kept_bytes().kept, 0);
}

TEST(KeptMemory, WithoutItAndForSmallTensorsLibTorchAllocates) {
  bytes(16 * mebibyte);
  EXPECT_EQ(kept_bytes().kept, 0);
  const KeptMemory memory;
  const at::Tensor small = bytes(mebibyte / 8);
  EXPECT_EQ(kept_bytes().used, 0);
}

// Those who take memory without a tensor give it back by the one function that the allocator names.
TEST(KeptMemory, RawMemoryOfEitherKindIsFreed) {
  const KeptMemory memory;
  c10::Allocator* const allocator = c10::GetCPUAllocator();
  for (const int64_t size : {mebibyte / 8, 16 * mebibyte}) {
    allocator->raw_deallocate(allocator->raw_allocate(static_cast<size_t>(size)));
  }
  EXPECT_EQ(kept_bytes().used, 0);
  EXPECT_GE(kept_bytes().kept, 16 * mebibyte);
}

TEST(KeptMemory, GrowingKeepsWhatATensorHolds) {
  const KeptMemory memory;
  at::Tensor tensor = at::full({4 * mebibyte}, 7, at::kByte);
  tensor.resize_({32 * mebibyte});
  EXPECT_TRUE(tensor.narrow(0, 0, 4 * mebibyte).eq(7).all().item<bool>());
}

TEST(KeptMemory, ThreadsShareIt) {
  const KeptMemory memory;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 50; ++i) {
        const at::Tensor tensor = at::full({(2 + (i + t) % 7) * mebibyte}, t, at::kByte);
        EXPECT_TRUE(tensor.eq(t).all().item<bool>());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(kept_bytes().used, 0);
}

// A child in which nothing of nolabel works may not wait for a lock that nobody will open, and
// keeps nothing.
TEST(KeptMemory, AChildBeginsWithout) {
  const KeptMemory memory;
  std::atomic<bool> ends = false;
  std::thread busy([&ends] {
    while (!ends) bytes(4 * mebibyte);
  });
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      bytes(8 * mebibyte);
      _exit(kept_bytes().kept == 0 ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  ends = true;
  busy.join();
}

// As a callback of a call does that forks: the child leaves what the parent began.
TEST(KeptMemory, OfTheParentEndsInAChildWithoutTrace) {
  const pid_t child = [] {
    const KeptMemory memory;
    return fork();
  }();
  if (child == 0) {
    const KeptMemory memory;
    bytes(8 * mebibyte);
    _exit(kept_bytes().kept >= 8 * mebibyte ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(KeptMemory, IsReturnedWhenAsked) {
  const KeptMemory memory;
  bytes(8 * mebibyte);
  return_kept_memory();
  EXPECT_EQ(kept_bytes().kept, 0);
}

[[noreturn]] void make_a_larger_tensor() {
  const KeptMemory memory;
  bytes(200 * mebibyte);  // kept, in a segment of 256 MiB
  limit_address_space_to_further(60 * mebibyte);
  _exit(bytes(300 * mebibyte).numel() == 300 * mebibyte ? 7 : 2);
}

TEST(KeptMemory, IsGivenUpForALargerTensor) {
  EXPECT_EXIT(make_a_larger_tensor(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace nolabel
