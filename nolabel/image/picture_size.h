// How large pictures are kept for the views that are made of them.
#pragma once

#include "nolabel/image/image.h"
#include "nolabel/image/resize.h"

namespace nolabel {

struct PictureSize {
  int short_side = 256;  // pixels that the short side is reduced to; 0: pictures stay as they are
  bool enlarge = false;  // also when it is shorter
  bool squash = false;   // the long side becomes as long, whatever the proportions
  Interpolation interpolation = Interpolation::bilinear;

  bool operator==(const PictureSize&) const = default;
};

// The same for views of another side (pixels): the short side, rounded up, has the same proportion
// to the side of the views.
PictureSize for_other_views(PictureSize size, int view_side, int other_side);

// The short side that a picture with this short side is kept at.
int kept_short_side(int short_side, const PictureSize& size);

// The picture as it is kept; a copy of it where it stays as it is.
Image kept_picture(ImageView picture, const PictureSize& size);
Image kept_picture(Image picture, const PictureSize& size);

}  // namespace nolabel
