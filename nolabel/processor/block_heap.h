// A heap of large blocks that keeps freed memory until it is told not to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace nolabel {

// Blocks are cut from segments that the system maps, the smallest free block that is large enough
// first; free neighbors become one block again. Not safe for several threads.
class BlockHeap {
 public:
  BlockHeap() = default;
  ~BlockHeap();  // with the blocks that somebody has
  BlockHeap(const BlockHeap&) = delete;
  BlockHeap& operator=(const BlockHeap&) = delete;

  // At least `bytes` of memory with any content, or nullptr where the system grants none. Aligned
  // to 64 bytes, as LibTorch's operators want it.
  void* take(size_t bytes);

  // Whether the block is of this heap, which then may give it to another caller. Without `keep`,
  // its memory goes to the system. Takes no memory itself: there may be none left.
  bool give_back(void* block, bool keep);

  // The memory of all free blocks goes to the system.
  void return_memory();

  size_t used() const { return used_; }  // bytes of blocks that somebody has
  // Bytes of free blocks whose memory is kept, so far as they were ever used.
  size_t kept() const { return kept_; }

 private:
  using FreeBlocks = std::set<std::pair<size_t, char*>>;  // by size
  struct Block {
    size_t size = 0;
    char* segment = nullptr;  // where its segment begins: segments may lie side by side
    bool free = false;
    bool kept = false;                // free, and the system has not got its memory back
    FreeBlocks::node_type free_node;  // of free_, while the block is not there
  };
  using Blocks = std::map<char*, Block>;

  void* take_free(size_t size);
  bool map_segment(size_t size);
  void add_free(char* begin, size_t size, char* segment, bool kept);
  Blocks::iterator joined(Blocks::iterator block);
  void return_memory_of(Blocks::iterator block);
  void insert_free(Blocks::iterator block);
  void erase_free(Blocks::iterator block);

  Blocks blocks_;
  FreeBlocks free_;
  std::map<char*, size_t> segments_;  // their sizes
  size_t used_ = 0, kept_ = 0;
};

}  // namespace nolabel
