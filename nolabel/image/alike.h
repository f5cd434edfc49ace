// Whether one image is a copy of another that was recompressed, resized or slightly cropped.
#pragma once

#include "nolabel/image/luminance.h"

namespace nolabel {

// How well the fine details of the two agree, -1..1, in the window of one that shows all of the
// other (of at least 80 % of each side): the correlation of what a blur takes away. Copies have
// more than 0.75 even after strong compression; two photos of the same subject have less, however
// alike their coarse shapes are (docs/method.md, Near-duplicates). 0 where not even the coarse
// shapes agree.
double detail_agreement(const Luminance& one, const Luminance& other);

// From this agreement on, two images are near-duplicates.
inline constexpr double kCopyAgreement = 0.75;

}  // namespace nolabel
