#include "nolabel/processor/block_heap.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <vector>

namespace nolabel {
namespace {

constexpr size_t block_unit = size_t{1} << 20;  // 1 MiB

TEST(BlockHeap, CutsTheSmallestBlockThatSuffices) {
  BlockHeap heap;
  void* const large = heap.take(60 * block_unit);
  void* const wall = heap.take(block_unit);
  void* const small = heap.take(20 * block_unit);
  heap.take(block_unit);
  heap.give_back(large, true);
  heap.give_back(small, true);
  EXPECT_EQ(heap.take(20 * block_unit), small);
  EXPECT_EQ(heap.take(20 * block_unit), large);
  EXPECT_EQ(heap.take(40 * block_unit), static_cast<char*>(large) + 20 * block_unit);
  EXPECT_NE(wall, nullptr);
}

TEST(BlockHeap, FreeNeighborsBecomeOne) {
  BlockHeap heap;
  std::vector<void*> blocks;
  for (int i = 0; i < 6; ++i) blocks.push_back(heap.take(10 * block_unit));
  for (const int i : {1, 4, 3, 0, 2}) heap.give_back(blocks[static_cast<size_t>(i)], true);
  EXPECT_EQ(heap.take(50 * block_unit), blocks[0]);
  EXPECT_EQ(heap.used(), 60 * block_unit);
}

TEST(BlockHeap, KnowsOnlyItsOwn) {
  BlockHeap heap;
  char* const block = static_cast<char*>(heap.take(block_unit));
  int other = 0;
  EXPECT_FALSE(heap.give_back(&other, true));
  EXPECT_FALSE(heap.give_back(block + 4096, true));
  EXPECT_TRUE(heap.give_back(block, true));
  EXPECT_FALSE(heap.give_back(block, true));  // it has it already
}

TEST(BlockHeap, ALargeBlockHasASegmentOfItsOwn) {
  BlockHeap heap;
  char* const block = static_cast<char*>(heap.take(700 * block_unit));
  ASSERT_NE(block, nullptr);
  block[0] = block[700 * block_unit - 1] = 1;
  heap.give_back(block, true);
  EXPECT_EQ(heap.kept(), 700 * block_unit);
  heap.return_memory();
  EXPECT_EQ(heap.kept(), 0U);
}

TEST(BlockHeap, MoreThanTheSystemHasIsNull) {
  BlockHeap heap;
  EXPECT_EQ(heap.take(size_t{1} << 60), nullptr);
  // Linux promises memory that it does not have only where it is told to promise it.
  std::ifstream policy("/proc/sys/vm/overcommit_memory");
  int always = 0;
  policy >> always;
  if (always != 1) {
    const auto pages = static_cast<size_t>(sysconf(_SC_PHYS_PAGES));
    EXPECT_EQ(heap.take(100 * pages * static_cast<size_t>(sysconf(_SC_PAGESIZE))), nullptr);
  }
  EXPECT_EQ(heap.used(), 0U);
}

// Blocks never overlap, and keep what was written, in any order of calls.
TEST(BlockHeap, RandomCalls) {
  BlockHeap heap;
  std::mt19937 random(1);
  std::map<char*, std::pair<size_t, char>> mine;
  for (int i = 0; i < 4000; ++i) {
    if (mine.size() < 30 && random() % 2 == 0) {
      const size_t size = 1 + random() % (12 * block_unit);
      char* const block = static_cast<char*>(heap.take(size));
      ASSERT_NE(block, nullptr);
      const char mark = static_cast<char>(i);
      std::memset(block, mark, 64);
      std::memset(block + size - 64 * (size > 64), mark, size > 64 ? 64 : 0);
      ASSERT_TRUE(mine.emplace(block, std::pair(size, mark)).second);
    } else if (!mine.empty()) {
      const auto chosen = std::next(mine.begin(), static_cast<int64_t>(random() % mine.size()));
      const auto [size, mark] = chosen->second;
      ASSERT_EQ(chosen->first[0], mark);
      if (size > 64) {
        ASSERT_EQ(chosen->first[size - 1], mark);
      }
      ASSERT_TRUE(heap.give_back(chosen->first, random() % 4 != 0));
      mine.erase(chosen);
    }
    if (i % 500 == 0) heap.return_memory();
  }
  for (const auto& [block, rest] : mine) heap.give_back(block, true);
  EXPECT_EQ(heap.used(), 0U);
  heap.return_memory();
  EXPECT_EQ(heap.kept(), 0U);
}

}  // namespace
}  // namespace nolabel
