// The strong operations on a frame.
#pragma once

#include "nolabel/augment/draw.h"
#include "nolabel/augment/passes.h"

namespace nolabel {

// The result is in `frame`; `spare`, of the same size, is scratch. The two may change places.
void apply_strong(const StrongOperation& operation, Frame& frame, Frame& spare);

}  // namespace nolabel
