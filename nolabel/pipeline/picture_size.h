// How large pictures are kept in memory for the views that a backbone takes.
#pragma once

#include "nolabel/image/image.h"
#include "nolabel/image/resize.h"
#include "nolabel/model/backbone_description.h"

namespace nolabel {

struct PictureSize {
  int short_side;  // pixels that the short side is reduced to
  bool enlarge;    // also when it is shorter
  Interpolation interpolation;
};

// As the architecture was published (Preprocessing), for views of image_size pixels.
PictureSize picture_size(const BackboneDescription& network, int image_size);

// The short side that a picture with this short side is kept at.
int kept_short_side(int short_side, const PictureSize& size);

// A copy of the picture as load_images() keeps it.
Image kept_picture(ImageView picture, const PictureSize& size);

}  // namespace nolabel
