// Antialiased bilinear resize with Pillow's arithmetic (8-bit fixed point, two passes), so that
// results agree with Image.resize(…, BILINEAR, box=…) to within one level.
#pragma once

#include "nolabel/image/image.h"

namespace nolabel {

// A region in pixels of the source, edges may be fractional: [left, right) x [top, bottom).
struct Box {
  double left, top, right, bottom;
};

Image resize(ImageView source, int height, int width);
Image resize(ImageView source, const Box& box, int height, int width);

// Short side to `length`, the long side truncated as torchvision's Resize(length) does; returned
// unchanged when the short side already is `length`.
Image resize_short_side(ImageView source, int length);

// The centre crop torchvision takes: offsets round half to even. The image must be at least
// height x width.
Image centre_crop(ImageView source, int height, int width);

}  // namespace nolabel
