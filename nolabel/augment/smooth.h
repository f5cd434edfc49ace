// Pillow's SMOOTH filter, what its Sharpness enhancer blends with: the 3 x 3 kernel of ones with a
// 5 in the middle, over 13. Pixels on the border stay as they are.
#pragma once

#include "nolabel/augment/pixel.h"

namespace nolabel {

// Rounded; a sum over 13 is never half-way between two levels, so integers agree with Pillow's
// floats. `above`, `row` and `below` point at the pixel's column in three consecutive rows.
NOLABEL_HOST_DEVICE inline Rgb smooth(const Pixel* above, const Pixel* row, const Pixel* below) {
  Rgb sum = unpack(row[0]);
  sum = {4 * sum.r, 4 * sum.g, 4 * sum.b};
  for (int dx = -1; dx <= 1; ++dx) {
    const Rgb a = unpack(above[dx]), b = unpack(row[dx]), c = unpack(below[dx]);
    sum = {sum.r + a.r + b.r + c.r, sum.g + a.g + b.g + c.g, sum.b + a.b + b.b + c.b};
  }
  return {(2 * sum.r + 13) / 26, (2 * sum.g + 13) / 26, (2 * sum.b + 13) / 26};
}

}  // namespace nolabel
