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

// The smallest ResNet-18 for small images: quick to train in tests.
inline BackboneDescription slim_backbone(const std::string& stem = "cifar", int stride = 1) {
  return completed(
      {"resnet18", {{"stem", stem}, {"width", "8"}, {"stem_stride", std::to_string(stride)}}});
}
inline BackboneDescription slim_resnet(const std::string& name) {
  return completed({name, {{"stem", "imagenet"}, {"width", "8"}}});
}
inline BackboneDescription slim_resnet50() {
  return slim_resnet("resnet50");
}

// Backbones whose training steps are compared with PyTorch's, by the names that the golden files
// have, and the side of their views.
struct GoldenBackbone {
  std::string name;
  BackboneDescription backbone;
  int64_t side;
  double sgd_rate;  // at which ten steps stay in the range of float64
};
inline std::vector<GoldenBackbone> golden_backbones() {
  return {{"cifar", slim_backbone("cifar"), 16, 5e-3},
          {"stl", slim_backbone("stl"), 24, 5e-3},
          {"imagenet", slim_backbone("imagenet"), 40, 5e-3},
          {"resnet50", slim_resnet50(), 40, 2e-6}};
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
