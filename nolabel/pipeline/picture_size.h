// How large pictures are kept in memory for views of a given size.
#pragma once

#include <algorithm>

#include "nolabel/model/settings.h"

namespace nolabel {

struct PictureSize {
  int short_side;  // pixels that the short side is reduced to
  bool enlarge;    // also when it is shorter
};

// 8/7 of the view, as ImageNet's 256 for views of 224; and as there, at that scale small pictures
// are enlarged, too (scan-spec.md, Views: evaluation).
inline PictureSize picture_size(int image_size) {
  return {(image_size * 8 + 6) / 7, image_size >= smallest_imagenet_image};
}

// The short side that a picture with this short side is kept at.
inline int kept_short_side(int short_side, int image_size) {
  const PictureSize size = picture_size(image_size);
  return size.enlarge ? size.short_side : std::min(short_side, size.short_side);
}

}  // namespace nolabel
