// One RGB pixel in a register: four bytes as Pillow stores them, the fourth unused, so that loops
// over pixels vectorise and a GPU thread loads one word.
#pragma once

#include <cstdint>

#include "nolabel/base/host_device.h"

namespace nolabel {

using Pixel = uint32_t;  // red in the lowest byte

constexpr Pixel black = 0;

// Levels 0..255, as integers to compute with.
struct Rgb {
  int r, g, b;
};

NOLABEL_HOST_DEVICE inline Rgb unpack(Pixel p) {
  return {static_cast<int>(p & 255), static_cast<int>(p >> 8 & 255),
          static_cast<int>(p >> 16 & 255)};
}

NOLABEL_HOST_DEVICE inline Pixel pack(Rgb c) {
  return static_cast<Pixel>(c.r) | static_cast<Pixel>(c.g) << 8 | static_cast<Pixel>(c.b) << 16;
}

// Pillow's "L": ITU-R 601-2 luma, 16-bit fixed point, rounded.
NOLABEL_HOST_DEVICE inline int luma(Rgb c) {
  return (c.r * 19595 + c.g * 38470 + c.b * 7471 + 0x8000) >> 16;
}

}  // namespace nolabel
