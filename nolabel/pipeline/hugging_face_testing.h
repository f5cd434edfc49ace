// Private to the tests of this folder: weights as Hugging Face's programs write them.
#pragma once

#include <filesystem>

#include "nolabel/model/model.h"
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

}  // namespace nolabel::testing_hugging_face
