// The image of the whole library: 8-bit RGB, rows from top to bottom, three interleaved channels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nolabel {

// Non-owning: `data` holds height * width * 3 bytes, which must outlive the view.
struct ImageView {
  const uint8_t* data = nullptr;
  int height = 0;
  int width = 0;
  const uint8_t* pixel(int y, int x) const {
    return data + (static_cast<int64_t>(y) * width + x) * 3;
  }
};

struct Image {
  int height = 0;
  int width = 0;
  std::vector<uint8_t> pixels;  // [height, width, 3]

  Image() = default;
  Image(int height_, int width_)
      : height(height_), width(width_), pixels(static_cast<size_t>(height_) * width_ * 3) {}
  ImageView view() const { return {pixels.data(), height, width}; }
};

}  // namespace nolabel
