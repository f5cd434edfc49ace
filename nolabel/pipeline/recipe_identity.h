// What determines features beside the images: the network with its weights, and the views.
#pragma once

#include <nlohmann/json.hpp>

#include "nolabel/augment/recipe.h"
#include "nolabel/model/model.h"

namespace nolabel {

// Everything in a recipe determines its views.
nlohmann::json recipe_identity(const ViewRecipe& recipe);

// Weights, architecture and those of its parameters that leave no trace in the weights.
nlohmann::json backbone_identity(const Model& model);

}  // namespace nolabel
