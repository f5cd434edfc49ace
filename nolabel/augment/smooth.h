// Pillow's SMOOTH filter, what its Sharpness enhancer blends with: the 3 x 3 kernel of ones with a
// 5 in the middle, over 13. Pixels on the border stay as they are.
#pragma once

#include "nolabel/augment/pixel.h"

namespace nolabel {

// Rounded; a sum over 13 is never half-way between two levels, so integers agree with Pillow's
// floats. `above`, `row` and `below` point at the pixel's column in three consecutive rows. Red and
// blue are summed in one word: 13 * 255 fits into 16 bits.
NOLABEL_HOST_DEVICE inline Rgb smooth(const Pixel* above, const Pixel* row, const Pixel* below) {
  uint32_t red_blue = 4 * (row[0] & 0xFF00FF), green = 4 * (row[0] >> 8 & 0xFF);
  for (int dx = -1; dx <= 1; ++dx) {
    const Pixel a = above[dx], b = row[dx], c = below[dx];
    red_blue += (a & 0xFF00FF) + (b & 0xFF00FF) + (c & 0xFF00FF);
    green += (a >> 8 & 0xFF) + (b >> 8 & 0xFF) + (c >> 8 & 0xFF);
  }
  const auto rounded = [](uint32_t sum) { return static_cast<int>((2 * sum + 13) / 26); };
  return {rounded(red_blue & 0xFFFF), rounded(green), rounded(red_blue >> 16)};
}

}  // namespace nolabel
