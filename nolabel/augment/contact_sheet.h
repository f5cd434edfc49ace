// A sheet of views for a person to look at: what does a recipe do to this picture?
#pragma once

#include <cstdint>

#include "nolabel/augment/recipe.h"
#include "nolabel/image/image.h"

namespace nolabel {

// columns x rows views of `image`, un-normalised, on white. The first one
// is the evaluation view, the others are the recipe's first training views under `seed`.
Image view_sheet(ImageView image, const ViewRecipe& recipe, uint64_t seed, int columns, int rows);

}  // namespace nolabel
