// What determines features beside the images: the network with its weights, and the views.
#pragma once

#include <nlohmann/json.hpp>

#include "nolabel/augment/recipe.h"
#include "nolabel/model/model.h"

namespace nolabel {

// All that determines views beside pixels and seed: the recipe, and how nolabel draws by it.
nlohmann::json recipe_identity(const ViewRecipe& recipe);

// Weights, architecture and those of its parameters that leave no trace in the weights.
nlohmann::json backbone_identity(const Model& model);

}  // namespace nolabel
