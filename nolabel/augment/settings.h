// Settings of views under the published YAML keys (augmentation_strategy, augmentation_kwargs,
// transformation_kwargs), and the recipes they mean.
#pragma once

#include <vector>

#include "nolabel/augment/recipe.h"
#include "nolabel/config/schema.h"

namespace nolabel {

struct NormalizeSettings {
  std::vector<float> mean{0.4914f, 0.4822f, 0.4465f};  // red, green, blue; CIFAR-10's
  std::vector<float> std{0.2023f, 0.1994f, 0.2010f};
};

// ImageNet's and STL-10's.
inline NormalizeSettings imagenet_normalization() {
  return {{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};
}

// Each is torchvision's: one number for a factor of 1 - it to 1 + it (hue: -it to it), or the two
// ends of the range.
struct ColorJitterSettings {
  float probability = 0.8f;
  std::vector<float> brightness{0.4f}, contrast{0.4f}, saturation{0.4f}, hue{0.1f};
};

struct ViewSettings {
  Strategy strategy = Strategy::simclr;
  int resized_crop_size = 32;
  std::vector<float> scale;  // low, high; empty: 0.2 1 for simclr, 0.08 1 for standard
  std::vector<float> ratio{3.0f / 4, 4.0f / 3};
  Interpolation interpolation = Interpolation::bilinear;
  ColorJitterSettings jitter;
  float grayscale_probability = 0.2f;
  int crop_size = 32;
  int strong_operations = 4;
  Cutout cutout;
  NormalizeSettings normalize;

  int evaluation_crop_size = 32;
  NormalizeSettings evaluation_normalize;
};

// Cutout's greatest side in views of this size. Published: 16 at 32 px, 32 at 96 and 75 at 224
// (docs/method.md, The strong recipe); other sizes in proportion.
int published_cutout_length(int image_size);

// Declares all of them; what `settings` holds now are the defaults.
void declare(Schema& schema, ViewSettings& settings);
// Only those of evaluation views (transformation_kwargs), for commands that train nothing.
void declare_evaluation(Schema& schema, ViewSettings& settings);

// Throw Error(Fault::usage) when a list has the wrong length or order.
ViewRecipe training_recipe(const ViewSettings& settings);
ViewRecipe evaluation_recipe(const ViewSettings& settings);

}  // namespace nolabel
