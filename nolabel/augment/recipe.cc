#include "nolabel/augment/recipe.h"

namespace nolabel {

ViewRecipe evaluation_recipe(const ViewRecipe& recipe) {
  return {.strategy = Strategy::evaluation, .size = recipe.size, .normalize = recipe.normalize};
}

}  // namespace nolabel
