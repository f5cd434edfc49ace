#include "nolabel/model/name_maps.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>

#include "nolabel/model/architecture.h"

namespace nolabel {
namespace {

// What bare weights stand in, in other programs' files. MoCo's query encoder comes with its head.
struct Wrapper {
  std::string_view prefix;
  bool is_contrastive = false;
};
constexpr std::array wrappers{Wrapper{"encoder_q.", /*is_contrastive=*/true},
                              Wrapper{""},
                              Wrapper{"encoder."},
                              Wrapper{"base_encoder."},
                              Wrapper{"model."},
                              Wrapper{"net."},
                              Wrapper{"resnet."}};

bool holds(const StateDict& state, std::string_view name) {
  return std::ranges::find(state, name, &NamedTensor::name) != state.end();
}

bool holds_first_tensor(const StateDict& state, const Architecture& architecture,
                        std::string_view prefix) {
  return std::ranges::any_of(architecture.first_tensors, [&](const std::string& name) {
    return holds(state, std::string(prefix) + name);
  });
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

StateDict unwrapped(const StateDict& state) {
  for (const Architecture& architecture : architectures()) {
    if (holds_first_tensor(state, architecture, "backbone.")) return state;
  }
  for (const auto& [prefix, is_contrastive] : wrappers) {
    for (const Architecture& architecture : architectures()) {
      if (!holds_first_tensor(state, architecture, prefix)) continue;
      return architecture.with_our_names(under_prefix(state, prefix), is_contrastive);
    }
  }
  return state;
}

// PyTorch before 0.4.1 did not write the counts of batches.
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
  StateDict result = unwrapped(without_prefix(state, "module."));
  for (const Architecture& architecture : architectures()) {
    if (architecture.mend_names) architecture.mend_names(result);
  }
  return with_batch_counts(result);
}

}  // namespace nolabel
