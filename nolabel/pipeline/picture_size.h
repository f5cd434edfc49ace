// How large pictures are kept for the views that a backbone takes.
#pragma once

#include "nolabel/image/picture_size.h"
#include "nolabel/model/backbone_description.h"

namespace nolabel {

// As the architecture was published (Preprocessing), for views of image_size pixels.
PictureSize picture_size(const BackboneDescription& network, int image_size);

}  // namespace nolabel
