#include "nolabel/model/conv_units.h"

#include <ATen/ATen.h>

#include "nolabel/model/fused_norm.h"
#include "nolabel/model/initialise.h"
#include "nolabel/model/rectified_sum.h"
#include "nolabel/model/sync_batch_norm.h"

namespace nolabel {
namespace {

BackboneTensor convolution_weight(const ConvUnit& unit) {
  const int64_t in = unit.in_channels / unit.groups;
  return {.name = unit.convolution + ".weight",
          .shape = {unit.out_channels, in, unit.kernel, unit.kernel},
          .computed_in = unit.computed_in,
          .initial = [unit, in](uint64_t seed, uint32_t number) {
            return initial_convolution(unit.out_channels, in, unit.kernel, unit.groups, seed,
                                       number);
          }};
}

BackboneTensor constant(std::string name, std::vector<int64_t> shape, bool is_buffer,
                        double value) {
  const at::ScalarType type = shape.empty() ? at::kLong : at::kFloat;
  return {
      .name = std::move(name),
      .shape = shape,
      .is_buffer = is_buffer,
      .initial = [shape, value, type](uint64_t, uint32_t) { return at::full(shape, value, type); }};
}

}  // namespace

std::vector<BackboneTensor> tensors_of(const std::vector<ConvUnit>& units) {
  std::vector<BackboneTensor> tensors;
  for (const ConvUnit& unit : units) {
    const int64_t out = unit.out_channels;
    tensors.push_back(convolution_weight(unit));
    tensors.push_back(constant(unit.norm + ".weight", {out}, false, 1));
    tensors.push_back(constant(unit.norm + ".bias", {out}, false, 0));
    tensors.push_back(constant(unit.norm + ".running_mean", {out}, true, 0));
    tensors.push_back(constant(unit.norm + ".running_var", {out}, true, 1));
    tensors.push_back(constant(unit.norm + ".num_batches_tracked", {}, true, 0));
  }
  return tensors;
}

std::vector<at::Tensor> folded_units(const std::vector<ConvUnit>& units, const BatchNorm& norm,
                                     const std::vector<NamedTensor>& masters,
                                     const std::vector<NamedTensor>& buffers,
                                     at::ScalarType working_type) {
  std::vector<at::Tensor> folded;
  if (!fuses_convolutions(masters.front().tensor.device(), working_type)) return folded;
  for (size_t u = 0; u < units.size(); ++u) {
    const auto master = [&](size_t i) { return masters[3 * u + i].tensor.detach(); };
    const at::Tensor &mean = buffers[3 * u].tensor, &variance = buffers[3 * u + 1].tensor;
    const at::Tensor scale = master(1) / (variance + norm.epsilon).sqrt();
    const at::Tensor weight = master(0) * scale.view({-1, 1, 1, 1});
    // In bf16 the bias would be off by more than all roundings of the sum that it is added to, in
    // the same direction at every place.
    folded.push_back(rounded_weight(weight, units[u].computed_in, working_type));
    folded.push_back(master(2) - mean * scale);
  }
  return folded;
}

at::Tensor UnitPass::unit(int u, const at::Tensor& x, int padding, Activation activation,
                          const at::Tensor& added) const {
  const ConvUnit& unit = units_[u];
  if (!weights_.prepared.empty()) {
    const at::Tensor &weight = weights_.prepared[2 * u], &bias = weights_.prepared[2 * u + 1];
    const FoldedConvolution folded{weight, bias, unit.stride, padding, unit.groups};
    const at::Tensor input = x.to(weight.scalar_type());
    if (!added.defined()) return fused_convolution(folded, input, activation);
    at::Tensor sum = fused_convolution(folded, input, Activation::none);
    const bool fuses_sum = activation == Activation::relu && sum.scalar_type() == at::kBFloat16 &&
                           added.strides() == sum.strides();
    return fuses_sum ? rectified_sum(sum, added) : activated(sum.add_(added), activation);
  }
  // On one pixel the stride changes nothing, but with it and bf16 the weights' gradient of LibTorch
  // 2.11 on a CPU reads memory that nobody wrote, which can be NaN.
  const bool one_pixel = x.size(2) == 1 && x.size(3) == 1 && 2 * padding < unit.kernel;
  const at::Tensor& weight = weights_.leaves[3 * u];
  const at::Tensor y =
      at::conv2d(x.to(weight.scalar_type()), weight, {}, one_pixel ? 1 : unit.stride, padding,
                 /*dilation=*/1, unit.groups);
  const NormTensors norm = norm_of(u);
  if (mode_ != ForwardMode::evaluate && weights_.group.size() == 1) {
    if (const FusedNorm* const fused = find_fused_norm(y, added, norm, activation)) {
      return fused_norm(*fused, y, added, norm, activation, norm_.momentum, norm_.epsilon);
    }
  }
  at::Tensor normed = normalised(y, norm);
  // In place, because batch norm's backward does not need its output.
  if (added.defined()) normed.add_(added);
  return activated(normed, activation);
}

NormTensors UnitPass::norm_of(int u) const {
  const bool uses_running = mode_ != ForwardMode::train_without_update;
  return {.weight = weights_.leaves[3 * u + 1],
          .bias = weights_.leaves[3 * u + 2],
          .running_mean = uses_running ? weights_.buffers[3 * u].tensor : at::Tensor(),
          .running_variance = uses_running ? weights_.buffers[3 * u + 1].tensor : at::Tensor()};
}

at::Tensor UnitPass::normalised(const at::Tensor& y, const NormTensors& norm) const {
  const bool training = mode_ != ForwardMode::evaluate;
  if (training && weights_.group.size() > 1) {
    return sync_batch_norm(weights_.group, y, norm, norm_.momentum, norm_.epsilon);
  }
  return at::batch_norm(y, norm.weight, norm.bias, norm.running_mean, norm.running_variance,
                        training, norm_.momentum, norm_.epsilon, /*cudnn_enabled=*/true);
}

at::Tensor UnitPass::pooled(const at::Tensor& x) const {
  if (mode_ == ForwardMode::train) {
    std::vector<at::Tensor> counts;
    for (size_t u = 0; u < units_.size(); ++u) counts.push_back(weights_.buffers[3 * u + 2].tensor);
    at::_foreach_add_(counts, 1);
  }
  return x.mean({2, 3}, /*keepdim=*/false, weights_.leaves[1].scalar_type());
}

}  // namespace nolabel
