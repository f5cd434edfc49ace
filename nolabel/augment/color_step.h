// The steps of color jitter on a frame.
#pragma once

#include <span>

#include "nolabel/augment/draw.h"
#include "nolabel/augment/pixel.h"

namespace nolabel {

// In place.
void apply_color(const ColorStep& step, std::span<Pixel> pixels);

}  // namespace nolabel
