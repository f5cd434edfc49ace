#include "nolabel/model/name_maps.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "nolabel/model/architecture.h"
#include "nolabel/weights/nesting.h"

namespace nolabel {
namespace {

constexpr std::string_view moco_encoder = "encoder_q.", our_backbone = "backbone.";

// The network with our names and, where it stands under `backbone.`, the heads beside it.
StateDict with_heads(const StateDict& state, const FoundNetwork& found,
                     const Architecture& architecture) {
  const std::string& prefix = found.prefix;
  StateDict result =
      architecture.with_our_names(found.state, /*is_contrastive=*/prefix.ends_with(moco_encoder));
  if (!prefix.ends_with(our_backbone)) return result;
  std::unordered_set<std::string> names;
  for (const NamedTensor& entry : result) names.insert(entry.name);
  const std::string_view outer =
      std::string_view(prefix).substr(0, prefix.size() - our_backbone.size());
  for (NamedTensor& entry : under_prefix(state, outer)) {
    const bool is_beside = !entry.name.starts_with(our_backbone) && !names.contains(entry.name);
    if (is_beside) result.push_back(std::move(entry));
  }
  return result;
}

StateDict unwrapped(const StateDict& wrapped, std::string* note) {
  StateDict state = without_wrappers(wrapped);
  for (const Architecture& architecture : architectures()) {
    for (const auto& naming : architecture.namings) {
      const auto found = find_network(state, naming);
      if (!found) continue;
      if (note) *note = choice_note(*found);
      return with_heads(state, *found, architecture);
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

StateDict with_our_names(const StateDict& state, std::string* note) {
  StateDict result = unwrapped(state, note);
  for (const Architecture& architecture : architectures()) {
    if (architecture.mend_names) architecture.mend_names(result);
  }
  return with_batch_counts(result);
}

}  // namespace nolabel
