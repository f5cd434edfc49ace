#include "nolabel/train/selected_model.h"

#include <ATen/ATen.h>

#include "nolabel/model/prefix.h"

namespace nolabel {

void SelectedModel::select(const StateDict& state) {
  unsaved_ = file_.module_prefix ? with_prefix(state, "module.") : state;
  for (NamedTensor& entry : *unsaved_) entry.tensor = entry.tensor.detach().clone();
}

void SelectedModel::save(const std::function<Value(const StateDict& state)>& content) {
  if (!unsaved_) return;
  write_torch_file(file_.path, content(*unsaved_));
  unsaved_.reset();
}

}  // namespace nolabel
