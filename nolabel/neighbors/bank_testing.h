// For the tests of feature banks: small images and a small network.
#pragma once

#include <string>
#include <vector>

#include "nolabel/model/model_testing.h"
#include "nolabel/neighbors/feature_bank.h"

namespace nolabel::testing_banks {

constexpr int side = 8;  // of images and views, in pixels

// Images whose pixels depend on their index and place.
inline Dataset some_images(int count) {
  std::vector<Image> images;
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    Image& image = images.emplace_back(side, side);
    for (size_t j = 0; j < image.pixels.size(); ++j) {
      image.pixels[j] = static_cast<uint8_t>(i * 37 + static_cast<int>(j * j));
    }
    names.push_back("image" + std::to_string(i));
  }
  return make_dataset(images, names);
}

inline Model small_model() {
  ModelSettings settings;
  settings.backbone = testing_models::slim_backbone();
  settings.embedding_dimensions = 6;
  Model model(settings, 1);
  model.place(at::kCPU, Precision::fp32);
  return model;
}

inline BankOptions options_for(Strategy strategy) {
  BankOptions options;
  options.recipe.size = side;
  options.recipe.strategy = strategy;
  options.batch_size = 3;
  return options;
}

}  // namespace nolabel::testing_banks
