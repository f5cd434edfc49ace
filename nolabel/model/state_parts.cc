#include "nolabel/model/state_parts.h"

#include <algorithm>
#include <iterator>

#include "nolabel/base/format.h"

namespace nolabel {

bool is_of_backbone(const NamedTensor& entry) {
  return entry.name.starts_with("backbone.");
}

bool is_of_projection_head(const NamedTensor& entry) {
  return entry.name.starts_with("contrastive_head.");
}

bool is_of_cluster_head(const NamedTensor& entry) {
  return entry.name.starts_with("cluster_head.");
}

StateDict part_of(const StateDict& state, bool (*is_of_part)(const NamedTensor&)) {
  StateDict part;
  std::ranges::copy_if(state, std::back_inserter(part), is_of_part);
  return part;
}

int cluster_head_count(const StateDict& state) {
  return static_cast<int>(std::ranges::count_if(state, [](const NamedTensor& entry) {
    return is_of_cluster_head(entry) && entry.name.ends_with(".weight");
  }));
}

int cluster_count(const StateDict& state) {
  const at::Tensor* weight = find_tensor(state, "cluster_head.0.weight");
  return weight ? static_cast<int>(weight->size(0)) : 0;
}

StateDict with_one_cluster_head(const StateDict& state, int head) {
  const std::string wanted = format("cluster_head.{}.", head);
  StateDict result;
  for (const NamedTensor& entry : state) {
    if (!is_of_cluster_head(entry)) {
      result.push_back(entry);
    } else if (entry.name.starts_with(wanted)) {
      result.push_back({"cluster_head.0." + entry.name.substr(wanted.size()), entry.tensor});
    }
  }
  return result;
}

std::optional<ProjectionHead> projection_head(const StateDict& state) {
  if (const at::Tensor* mlp = find_tensor(state, "contrastive_head.2.weight")) {
    return ProjectionHead{HeadKind::mlp, static_cast<int>(mlp->size(0))};
  }
  if (const at::Tensor* linear = find_tensor(state, "contrastive_head.weight")) {
    return ProjectionHead{HeadKind::linear, static_cast<int>(linear->size(0))};
  }
  return std::nullopt;
}

}  // namespace nolabel
