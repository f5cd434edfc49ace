#include "nolabel/model/name_maps.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "nolabel/model/backbone_layout.h"

namespace nolabel {
namespace {

constexpr std::string_view moco_encoder = "encoder_q.";
// What a bare ResNet stands in, in other programs' files.
constexpr std::array<std::string_view, 6> wrappers = {"",       "encoder.", "base_encoder.",
                                                      "model.", "net.",     "resnet."};

const NamedTensor* find(const StateDict& state, std::string_view name) {
  const auto found = std::ranges::find(state, name, &NamedTensor::name);
  return found == state.end() ? nullptr : &*found;
}

StateDict without_prefix(const StateDict& state, std::string_view prefix) {
  StateDict result = state;
  for (NamedTensor& entry : result) {
    if (entry.name.starts_with(prefix)) entry.name.erase(0, prefix.size());
  }
  return result;
}

// Only the entries under `prefix`, without it.
StateDict under_prefix(const StateDict& state, std::string_view prefix) {
  StateDict result;
  for (const auto& [name, tensor] : state) {
    if (name.starts_with(prefix)) result.push_back({name.substr(prefix.size()), tensor});
  }
  return result;
}

// A bare ResNet's names as ours. Its `fc` is a projection head in MoCo's encoder and wherever it
// has two layers; otherwise a classifier.
StateDict of_bare_resnet(const StateDict& state, bool is_moco) {
  const bool is_head = is_moco || find(state, "fc.0.weight");
  StateDict result;
  for (const auto& [name, tensor] : state) {
    if (!name.starts_with("fc.")) {
      result.push_back({"backbone." + name, tensor});
    } else if (is_head) {
      result.push_back({"contrastive_head" + name.substr(2), tensor});
    }
  }
  return result;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// A 7×7 stem has `downsample`, a 3×3 stem `shortcut`, whatever the file called them.
void rename_shortcuts(StateDict& state) {
  const NamedTensor* stem = find(state, "backbone.conv1.weight");
  if (!stem || stem->tensor.dim() != 4) return;
  const bool is_imagenet = stem->tensor.size(3) == 7;
  const std::string right = shortcut_name(is_imagenet ? Stem::imagenet : Stem::cifar);
  const std::string wrong = shortcut_name(is_imagenet ? Stem::cifar : Stem::imagenet);
  for (NamedTensor& entry : state) replace_all(entry.name, "." + wrong + ".", "." + right + ".");
}

StateDict with_batch_counts(const StateDict& state) {
  constexpr std::string_view variance = ".running_var";
  std::unordered_set<std::string> names;
  for (const NamedTensor& entry : state) names.insert(entry.name);
  StateDict result;
  for (const NamedTensor& entry : state) {
    result.push_back(entry);
    if (!entry.name.ends_with(variance)) continue;
    const std::string count =
        entry.name.substr(0, entry.name.size() - variance.size()) + ".num_batches_tracked";
    if (!names.contains(count)) result.push_back({count, at::zeros({}, at::kLong)});
  }
  return result;
}

}  // namespace

StateDict with_our_names(const StateDict& state) {
  StateDict result = without_prefix(state, "module.");
  if (!find(result, "backbone.conv1.weight")) {
    const StateDict query = under_prefix(result, moco_encoder);
    if (find(query, "conv1.weight")) {
      result = of_bare_resnet(query, /*is_moco=*/true);
    } else {
      for (const std::string_view wrapper : wrappers) {
        if (!find(result, std::string(wrapper) + "conv1.weight")) continue;
        result = of_bare_resnet(under_prefix(result, wrapper), /*is_moco=*/false);
        break;
      }
    }
  }
  rename_shortcuts(result);
  return with_batch_counts(result);
}

}  // namespace nolabel
