// The weights of a network in a file, whatever program wrote it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "nolabel/weights/weights_file.h"

namespace nolabel {

inline constexpr const char* shifted_heads_key = "shifted_heads";  // bool, in a checkpoint

// The weights in a file whatever it is: a bare state dict, {'model': …} of a checkpoint or of SCAN,
// 'state_dict' of MoCo, with the network nested as deep as it may be (weights/nesting.h). The names
// that other programs use become ours; a classifier `fc` that is no projection head is dropped.
struct WeightsInFile {
  StateDict state;
  // The heads belong to shifted features (train/feature_normalization.h), which only a training
  // that goes on knows: a checkpoint. They fit no model.
  bool shifted_heads = false;
  std::optional<int> best_head;  // SCAN's 'head'
  std::optional<int64_t> epoch;
  std::map<std::string, std::string> metadata;  // safetensors
  // Which of several networks in the file was taken, as a sentence for people; mostly empty.
  std::string note;
};
WeightsInFile read_model_weights(const std::filesystem::path& path);
// The same from a file that is read already, without its metadata.
WeightsInFile model_weights(const Value& value, const std::string& file_name);

}  // namespace nolabel
