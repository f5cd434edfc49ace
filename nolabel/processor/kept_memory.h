// Memory of LibTorch's large tensors on the processor.
#pragma once

#include <cstdint>

namespace nolabel {

// While one of these lives, anywhere in the process, LibTorch's tensors of 256 KiB and more get
// memory that earlier ones gave back, and huge pages where the system grants them on request. By
// itself, the C library returns the memory of each activation of a network to the system, which
// clears all its pages when the next layer asks (docs/performance.md). When the last of these
// objects is destroyed, all memory that no tensor uses goes back to the system.
//
// Tensors of all threads are served. Without one of these objects, and for smaller tensors, what
// allocated before works as before: LibTorch's allocator, or whatever another library has put into
// its place. A child process, made by fork(), begins with none of these objects.
class KeptMemory {
 public:
  KeptMemory();
  KeptMemory(const KeptMemory&) = delete;
  KeptMemory& operator=(const KeptMemory&) = delete;
  ~KeptMemory();

 private:
  const int process_;
};

// The memory that no tensor uses goes back to the system now. For a call that computes little from
// now on, but lasts.
void return_kept_memory();

// Bytes of blocks that tensors have now, and of free ones that the system has not got back, counted
// as if all of a free block had been written.
struct KeptBytes {
  int64_t used = 0, kept = 0;
};
KeptBytes kept_bytes();

}  // namespace nolabel
