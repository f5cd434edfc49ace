// For tests against PyTorch: numbers and weights that both sides make for themselves
// (tools/golden/model.py), so that no file has to hold them.
#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "nolabel/model/model.h"

namespace nolabel::testing_models {

// sin(0.7 k + phase), double.
inline at::Tensor wave(at::IntArrayRef shape, double phase) {
  const int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies());
  return at::arange(count, at::kDouble).mul(0.7).add(phase).sin().reshape(shape);
}

// Like wave(), without a period.
inline at::Tensor rough(at::IntArrayRef shape, double phase) {
  const int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies());
  const at::Tensor i = at::arange(count, at::kLong);
  const at::Tensor jumps = (i * i).remainder(1009).to(at::kDouble).mul(0.05);
  return (jumps + 0.7 * i.to(at::kDouble) + phase).sin().reshape(shape);
}

// Every entry of the state dict becomes a wave of its own.
template <class Pattern = decltype(wave)>
void fill(const Model& model, const Pattern& pattern = wave) {
  const StateDict state = model.state_dict();
  for (size_t i = 0; i < state.size(); ++i) {
    const auto& [name, tensor] = state[i];
    const at::Tensor values = pattern(tensor.sizes(), static_cast<double>(i));
    if (tensor.dim() >= 2) {
      tensor.copy_(values * 2 / std::sqrt(static_cast<double>(tensor[0].numel())));
    } else if (name.ends_with("running_var") || name.ends_with("weight")) {
      tensor.copy_(1 + 0.3 * values);
    } else if (tensor.dim() == 1) {
      tensor.copy_(0.1 * values);
    }
  }
}

// [P,2]: of each tensor two projections that see every element.
inline at::Tensor projections(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> numbers;
  for (const at::Tensor& tensor : tensors) {
    const at::Tensor values = tensor.detach();
    numbers.push_back((values * wave(values.sizes(), 2.5)).sum());
    numbers.push_back(values.square().sum());
  }
  return at::stack(numbers).view({-1, 2});
}

}  // namespace nolabel::testing_models
