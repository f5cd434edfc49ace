// Private to this folder: transparent pictures laid over white.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nolabel {

// value / 255 to the nearest, for value up to 255 * 255 (Pillow's DIV255).
inline int divide_by_255(int value) {
  return ((value + 128) + ((value + 128) >> 8)) >> 8;
}

// n RGBA pixels (alpha not multiplied in) over white, as RGB.
inline void over_white(const uint8_t* rgba, size_t n, uint8_t* rgb) {
  for (size_t i = 0; i < n; ++i, rgba += 4, rgb += 3) {
    const int alpha = rgba[3];
    for (int c = 0; c < 3; ++c) {
      rgb[c] = static_cast<uint8_t>(divide_by_255(rgba[c] * alpha + 255 * (255 - alpha)));
    }
  }
}

// The same for colors that are already multiplied by alpha.
inline void premultiplied_over_white(const uint8_t* rgba, size_t n, uint8_t* rgb) {
  for (size_t i = 0; i < n; ++i, rgba += 4, rgb += 3) {
    for (int c = 0; c < 3; ++c) {
      const int value = rgba[c] + 255 - rgba[3];
      rgb[c] = static_cast<uint8_t>(value > 255 ? 255 : value);
    }
  }
}

}  // namespace nolabel
