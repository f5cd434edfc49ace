#include "nolabel/pipeline/recipe_identity.h"

#include "nolabel/pipeline/kept_features.h"

namespace nolabel {

namespace {

// Of how random views of a bank are drawn: 2: by the pixels of an image; before, by its place in
// the data set.
constexpr int drawing_version = 2;

}  // namespace

nlohmann::json recipe_identity(const ViewRecipe& recipe) {
  const auto range = [](const FactorRange& factors) {
    return nlohmann::json{factors.low, factors.high};
  };
  return {
      {"drawing", drawing_version},
      {"strategy", static_cast<int>(recipe.strategy)},
      {"size", recipe.size},
      {"flip_probability", recipe.flip_probability},
      {"crop",
       {recipe.crop.scale_low, recipe.crop.scale_high, recipe.crop.ratio_low,
        recipe.crop.ratio_high, static_cast<int>(recipe.crop.interpolation)}},
      {"jitter",
       {recipe.jitter.probability, range(recipe.jitter.brightness), range(recipe.jitter.contrast),
        range(recipe.jitter.saturation), range(recipe.jitter.hue)}},
      {"grayscale_probability", recipe.grayscale_probability},
      {"strong_operations", recipe.strong_operations},
      {"cutout", {recipe.cutout.holes, recipe.cutout.length, recipe.cutout.random}},
      {"mean", recipe.normalize.mean},
      {"std", recipe.normalize.std}};
}

nlohmann::json backbone_identity(const Model& model) {
  const BackboneDescription& network = model.settings().backbone;
  return {{"weights", backbone_weights_hash(model)},
          {"architecture", network.architecture},
          {"parameters", identifying_parameters(network)}};
}

}  // namespace nolabel
