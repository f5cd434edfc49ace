#include "nolabel/data/pixel_block.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "nolabel/base/error.h"

namespace nolabel {

PixelBlock::PixelBlock(PixelBlock&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

PixelBlock::~PixelBlock() {
  if (data_) ::munmap(data_, capacity_);
}

void PixelBlock::append(const void* data, size_t bytes) {
  constexpr size_t smallest = size_t{1} << 20;
  // Pages that are reserved but not yet written cost nothing.
  if (size_ + bytes > capacity_) resize(std::max({smallest, 2 * capacity_, size_ + bytes}));
  std::memcpy(data_ + size_, data, bytes);
  size_ += bytes;
}

void PixelBlock::shrink() {
  if (size_ > 0) resize(size_);
}

void PixelBlock::resize(size_t capacity) {
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  capacity = (capacity + page - 1) / page * page;
  void* address = data_ ? ::mremap(data_, capacity_, capacity, MREMAP_MAYMOVE)
                        : ::mmap(nullptr, capacity, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED) {
    fail_system("no memory for {:.1f} GiB of pixels: {}", static_cast<double>(capacity) / (1 << 30),
                std::strerror(errno));
  }
  data_ = static_cast<uint8_t*>(address);
  capacity_ = capacity;
}

}  // namespace nolabel
