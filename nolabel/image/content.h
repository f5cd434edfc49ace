// Whether an image shows anything at all.
#pragma once

#include "nolabel/image/luminance.h"

namespace nolabel {

// False for plain images (a covered lens, an empty scan) and for noise, in which neighboring cells
// do not resemble each other: their luminances correlate by at least 0.5 in every one of 1,400
// photos and by 0.37 in 12,500 images of CIFAR-10, and by less than 0.3 in noise (docs/method.md,
// Clean data).
bool has_content(const Luminance& image);

}  // namespace nolabel
