// What Hugging Face's configurations say of weights: config.json of the network and
// preprocessor_config.json of its views, in the folder of the weights; or config.json as timm
// writes it (timm_folder.h).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "nolabel/model/recognise.h"

namespace nolabel {

struct HuggingFaceStatements {
  Statements statements;  // what recognise_backbone() reads
  std::string note;       // for people: what nolabel does in place of what is written, or empty
};

// Of a file `model.safetensors` or `pytorch_model.bin` beside a config.json; nothing where there is
// none. Throws Error(Fault::data) when a configuration is no JSON, when its values are of another
// kind than transformers or timm writes, or when pictures are prepared as nolabel cannot do it
// (hugging_face_views.h, timm_folder.h).
HuggingFaceStatements hugging_face_statements(const std::filesystem::path& weights);

// The weights in a folder that transformers or timm wrote, or nothing.
std::optional<std::filesystem::path> hugging_face_weights(const std::filesystem::path& folder);

}  // namespace nolabel
