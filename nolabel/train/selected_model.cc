#include "nolabel/train/selected_model.h"

#include <ATen/ATen.h>

namespace nolabel {

void SelectedModel::select(const StateDict& state) {
  if (unsaved_ && unsaved_->size() == state.size()) {  // into the memory that is there
    for (size_t i = 0; i < state.size(); ++i) (*unsaved_)[i].tensor.copy_(state[i].tensor.detach());
    return;
  }
  unsaved_ = state;
  for (NamedTensor& entry : *unsaved_) entry.tensor = entry.tensor.detach().clone();
}

void SelectedModel::save(const std::function<Value(const StateDict& state)>& content) {
  if (!unsaved_) return;
  write_torch_file(path_, content(*unsaved_));
  unsaved_.reset();
}

}  // namespace nolabel
