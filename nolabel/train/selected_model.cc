#include "nolabel/train/selected_model.h"

#include <ATen/ATen.h>

#include "nolabel/base/error.h"
#include "nolabel/model/state_parts.h"

namespace nolabel {

void SelectedModel::select(const StateDict& state, bool only_heads) {
  saved_ = false;
  if (!selected_) {
    selected_ = state;
    for (NamedTensor& entry : *selected_) entry.tensor = entry.tensor.detach().clone();
    return;
  }
  NOLABEL_ASSERT(selected_->size() == state.size());
  for (size_t i = 0; i < state.size(); ++i) {
    if (only_heads && !is_of_cluster_head(state[i])) continue;
    (*selected_)[i].tensor.copy_(state[i].tensor.detach());
  }
}

void SelectedModel::save(const std::function<Value(const StateDict& state)>& content) {
  if (!selected_ || saved_) return;
  write_torch_file(path_, content(*selected_));
  saved_ = true;
}

}  // namespace nolabel
