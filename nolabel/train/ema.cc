#include "nolabel/train/ema.h"

#include <ATen/ATen.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

std::vector<at::Tensor> tensors_of(const std::vector<NamedTensor>& named) {
  std::vector<at::Tensor> tensors;
  for (const NamedTensor& entry : named) tensors.push_back(entry.tensor.detach());
  return tensors;
}

std::vector<at::Tensor> copies(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> result;
  for (const at::Tensor& tensor : tensors) result.push_back(tensor.clone());
  return result;
}

}  // namespace

Ema::Ema(const Model& model, double alpha, EmaMode mode)
    : mode_(mode),
      alpha_(alpha),
      parameters_(tensors_of(model.parameters())),
      shadow_(copies(parameters_)) {
  if (mode_ != EmaMode::published) return;
  buffers_ = tensors_of(model.buffers());
  buffers_at_start_ = copies(buffers_);
}

void Ema::update(const at::Tensor& skipped) {
  const at::Tensor weight = (1 - skipped.to(at::kDouble)) * (1 - alpha_);
  move_shadow(weight);
  if (mode_ != EmaMode::published) return;
  at::_foreach_copy_(parameters_, shadow_);
  if (!buffers_.empty()) at::_foreach_copy_(buffers_, buffers_at_start_);
}

void Ema::move_shadow(const at::Tensor& weight) {
  const at::Tensor of_type = weight.to(shadow_.front().scalar_type());
  if (weight.is_cpu()) {  // in one pass, and without a copy of all weights
    for (size_t i = 0; i < shadow_.size(); ++i) shadow_[i].lerp_(parameters_[i], of_type);
    return;
  }
  // One operation each, however many tensors there are.
  std::vector<at::Tensor> distances = at::_foreach_sub(parameters_, shadow_);
  at::_foreach_mul_(distances, of_type);
  at::_foreach_add_(shadow_, distances);
}

void Ema::restart() {
  at::_foreach_copy_(shadow_, parameters_);
  if (!buffers_.empty()) at::_foreach_copy_(buffers_at_start_, buffers_);
}

std::vector<at::Tensor> Ema::state() const {
  return mode_ == EmaMode::published ? std::vector<at::Tensor>() : shadow_;
}

void Ema::load_state(const std::vector<at::Tensor>& state) {
  if (mode_ == EmaMode::published) return restart();
  if (state.size() != shadow_.size()) {
    fail_data("the checkpoint's averaged weights must be {} tensors. It holds {}.", shadow_.size(),
              state.size());
  }
  at::_foreach_copy_(shadow_, state);
}

WithAveragedParameters::WithAveragedParameters(Model& model, const Ema* ema) : model_(model) {
  if (!ema) return;
  std::vector<at::Tensor> parameters = tensors_of(model.parameters());
  own_ = copies(parameters);
  at::_foreach_copy_(parameters, ema->shadow());
  model_.refresh_working_weights();
}

WithAveragedParameters::~WithAveragedParameters() {
  if (own_.empty()) return;
  std::vector<at::Tensor> parameters = tensors_of(model_.parameters());
  at::_foreach_copy_(parameters, own_);
  model_.refresh_working_weights();
}

}  // namespace nolabel
