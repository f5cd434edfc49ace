#include "nolabel/model/model_weights.h"

#include <array>

#include "nolabel/base/error.h"
#include "nolabel/model/name_maps.h"
#include "nolabel/weights/weights_in.h"

namespace nolabel {
namespace {

// SCAN's model.pth.tar, then its checkpoint.pth.tar.
constexpr std::array head_keys = {"head", "best_loss_head"};

std::optional<int64_t> integer(const Value& value, const char* key) {
  const Value* found = value.find(key);
  const auto* number = found ? std::get_if<int64_t>(&found->data) : nullptr;
  return number ? std::optional(*number) : std::nullopt;
}

}  // namespace

WeightsInFile model_weights(const Value& value, const std::string& file_name) {
  WeightsInFile weights;
  weights.state = with_our_names(weights_in(value, file_name), &weights.note);
  if (!weights.note.empty()) weights.note = format("{} {}.", file_name, weights.note);
  for (const char* key : head_keys) {
    if (!weights.best_head) weights.best_head = integer(value, key);
  }
  weights.epoch = integer(value, "epoch");
  const Value* shifted = value.find(shifted_heads_key);
  const bool* is_shifted = shifted ? std::get_if<bool>(&shifted->data) : nullptr;
  weights.shifted_heads = is_shifted && *is_shifted;
  return weights;
}

WeightsInFile read_model_weights(const std::filesystem::path& path) {
  WeightsInFile weights = model_weights(read_weights_file(path), path.string());
  weights.metadata = read_safetensors_metadata(path);
  return weights;
}

}  // namespace nolabel
