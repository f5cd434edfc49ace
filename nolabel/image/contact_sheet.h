// Many images as one: a grid, for a person to look at.
#pragma once

#include <vector>

#include "nolabel/image/image.h"

namespace nolabel {

// Rows of `columns` images from left to right on white, `margin` pixels around each. Cells have
// the size of the largest image; smaller ones are centred. Throws Error(Fault::usage) when there
// is no image, columns < 1 or margin < 0.
Image contact_sheet(const std::vector<ImageView>& images, int columns, int margin = 4);

}  // namespace nolabel
