// Private to the tests of this folder: weights as Hugging Face's programs write them, and the views
// of a folder.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <vector>

#include "nolabel/augment/view.h"
#include "nolabel/image/decode.h"
#include "nolabel/model/model.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel::testing_hugging_face {

// A vision transformer for 32 pixels with random weights: width 24, 3 heads, patches of 8.
inline void write_small_vit(const std::filesystem::path& file) {
  const BackboneDescription network{"vit",
                                    {{"width", "24"},
                                     {"depth", "1"},
                                     {"heads", "3"},
                                     {"patch", "8"},
                                     {"hidden", "48"},
                                     {"grid", "4"}}};
  StateDict bare;
  for (auto& [name, tensor] :
       Model({.kind = ModelSettings::Kind::clustering, .backbone = network}, 1).state_dict()) {
    if (name.starts_with("backbone.")) bare.push_back({name.substr(9), tensor});
  }
  write_safetensors(file, bare, {{"format", "pt"}});
}

// [side, side, 3], as a run makes it.
inline at::Tensor view_of(const Backbone& backbone, const std::filesystem::path& picture) {
  const Image kept = kept_picture(read_image(picture).view(), picture_size(backbone));
  const at::Tensor view = at::empty({backbone.image_size, backbone.image_size, 3});
  make_view(kept.view(), {}, evaluation_recipe_of(backbone), view.data_ptr<float>());
  return view;
}

// In steps between two levels of 0..255, which the normalisation has divided by its std.
inline double largest_difference(const Backbone& backbone, const at::Tensor& view,
                                 const at::Tensor& expected) {
  const at::Tensor step = 1 / (255 * at::tensor(std::vector<float>(backbone.normalize.std.begin(),
                                                                   backbone.normalize.std.end())));
  return ((view - expected).abs() / step).max().item<double>();
}

}  // namespace nolabel::testing_hugging_face
