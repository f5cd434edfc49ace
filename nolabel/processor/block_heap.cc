#include "nolabel/processor/block_heap.h"

#include <sys/mman.h>

#include <algorithm>
#include <iterator>

namespace nolabel {
namespace {

// Blocks of whole pages would all begin at the same place of the processor's caches, and push each
// other out.
constexpr size_t granule = 64;
constexpr size_t page = 4096;
// Only what is written takes memory, so that a segment can be larger than its first block.
constexpr size_t usual_segment = size_t{256} << 20;

size_t rounded_up(size_t bytes, size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

BlockHeap::~BlockHeap() {
  for (const auto& [begin, size] : segments_) munmap(begin, size);
}

void* BlockHeap::take(size_t bytes) {
  const size_t size = rounded_up(std::max<size_t>(bytes, 1), granule);
  if (void* block = take_free(size)) return block;
  const size_t pages = rounded_up(size, page);
  if (!map_segment(std::max(pages, usual_segment)) && !map_segment(pages)) {
    return_memory();
    if (!map_segment(pages)) return nullptr;
  }
  return take_free(size);
}

bool BlockHeap::give_back(void* block, bool keep) {
  auto found = blocks_.find(static_cast<char*>(block));
  if (found == blocks_.end() || found->second.free) return false;
  used_ -= found->second.size;
  found->second.free = found->second.kept = true;
  insert_free(found);
  found = joined(found);
  if (!keep) return_memory_of(found);
  return true;
}

void BlockHeap::return_memory() {
  for (auto block = blocks_.begin(); block != blocks_.end();) {
    const auto next = std::next(block);
    if (block->second.free) return_memory_of(block);
    block = next;
  }
}

// The beginning of the smallest free block that suffices; the rest of the block stays free. What
// the books need is taken before anything changes.
void* BlockHeap::take_free(size_t size) {
  const auto smallest = free_.lower_bound({size, nullptr});
  if (smallest == free_.end()) return nullptr;
  const auto block = blocks_.find(smallest->second);
  if (const size_t rest = block->second.size - size; rest > 0) {
    add_free(block->first + size, rest, block->second.segment, block->second.kept);
  }
  erase_free(block);
  block->second.size = size;
  block->second.free = block->second.kept = false;
  used_ += size;
  return block->first;
}

bool BlockHeap::map_segment(size_t size) {
  void* const memory =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  madvise(memory, size, MADV_HUGEPAGE);  // only advice: elsewhere the pages are small
  char* const begin = static_cast<char*>(memory);
  try {
    segments_.emplace(begin, size);
    add_free(begin, size, begin, /*kept=*/false);
  } catch (...) {
    segments_.erase(begin);
    munmap(memory, size);
    throw;
  }
  return true;
}

void BlockHeap::add_free(char* begin, size_t size, char* segment, bool kept) {
  FreeBlocks one;
  one.emplace(size, begin);
  Block& block = blocks_[begin];
  block.size = size;
  block.segment = segment;
  block.free = true;
  block.kept = kept;
  free_.insert(one.extract(one.begin()));
  if (kept) kept_ += size;
}

// The block and its free neighbors as one.
BlockHeap::Blocks::iterator BlockHeap::joined(Blocks::iterator block) {
  const auto absorb_next = [this](Blocks::iterator first) {
    const auto next = std::next(first);
    if (next == blocks_.end() || !next->second.free ||
        next->second.segment != first->second.segment) {
      return;
    }
    erase_free(first);
    erase_free(next);
    first->second.size += next->second.size;
    first->second.kept = first->second.kept || next->second.kept;
    blocks_.erase(next);
    insert_free(first);
  };
  absorb_next(block);
  if (block == blocks_.begin()) return block;
  const auto before = std::prev(block);
  if (!before->second.free || before->second.segment != block->second.segment) return block;
  absorb_next(before);
  return before;
}

void BlockHeap::return_memory_of(Blocks::iterator block) {
  const size_t size = block->second.size;
  erase_free(block);
  const auto segment = segments_.find(block->second.segment);
  if (size == segment->second) {
    munmap(block->first, size);
    segments_.erase(segment);
    blocks_.erase(block);
    return;
  }
  if (block->second.kept) {
    char* const end = block->first + size;
    char* const first_page =
        block->second.segment +
        rounded_up(static_cast<size_t>(block->first - block->second.segment), page);
    if (first_page + page <= end) {
      madvise(first_page, static_cast<size_t>(end - first_page) / page * page, MADV_DONTNEED);
    }
  }
  block->second.kept = false;
  insert_free(block);
}

void BlockHeap::insert_free(Blocks::iterator block) {
  block->second.free_node.value() = {block->second.size, block->first};
  free_.insert(std::move(block->second.free_node));
  if (block->second.kept) kept_ += block->second.size;
}

void BlockHeap::erase_free(Blocks::iterator block) {
  block->second.free_node = free_.extract({block->second.size, block->first});
  if (block->second.kept) kept_ -= block->second.size;
}

}  // namespace nolabel
