// Memory that grows without moving or copying what it holds (mremap), for pixels whose total is
// known only after the last image is decoded.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nolabel {

// Throws Error(Fault::system) when there is no memory left. Move-only; not thread-safe.
class PixelBlock {
 public:
  PixelBlock() = default;
  PixelBlock(PixelBlock&& other) noexcept;
  PixelBlock& operator=(PixelBlock&&) = delete;
  ~PixelBlock();

  void append(const void* data, size_t bytes);
  // Gives back what was reserved for more.
  void shrink();
  // Valid until the next append() or shrink().
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  void resize(size_t capacity);
  uint8_t* data_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
};

}  // namespace nolabel
