// Parameters to pixels: a view computed on the CPU.
#pragma once

#include "nolabel/augment/draw.h"
#include "nolabel/augment/recipe.h"
#include "nolabel/image/image.h"

namespace nolabel {

// The view of `image` with `parameters`, normalised: float [size, size, 3], written to `out`. Only
// the size and the normalisation of the recipe are used. Allocates nothing once a thread has seen
// the sizes it works with.
void apply_view(ImageView image, const ViewRecipe& recipe, const ViewParameters& parameters,
                float* out);

}  // namespace nolabel
