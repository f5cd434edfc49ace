#include "nolabel/model/conv_units.h"

#include <ATen/ATen.h>

#include "nolabel/model/initialise.h"

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

at::Tensor UnitPass::unit(int u, const at::Tensor& x, int padding) const {
  const ConvUnit& unit = units[u];
  // On one pixel the stride changes nothing, but with it and bf16 the weights' gradient of LibTorch
  // 2.11 on a CPU reads memory that nobody wrote, which can be NaN.
  const bool one_pixel = x.size(2) == 1 && x.size(3) == 1 && 2 * padding < unit.kernel;
  const at::Tensor& weight = leaves[3 * u];
  const at::Tensor y =
      at::conv2d(x.to(weight.scalar_type()), weight, {}, one_pixel ? 1 : unit.stride, padding,
                 /*dilation=*/1, unit.groups);
  // Folding the norm into the convolution's weights makes Lite0 and ResNet-50 a quarter faster in
  // bf16, but rounds the weights once more: the least cosine of Lite0's features with those in fp32
  // fell from 0.998 to 0.984 (60 photos).
  const bool uses_running = mode != ForwardMode::train_without_update;
  return at::batch_norm(y, leaves[3 * u + 1], leaves[3 * u + 2],
                        uses_running ? buffers[3 * u].tensor : at::Tensor(),
                        uses_running ? buffers[3 * u + 1].tensor : at::Tensor(),
                        /*training=*/mode != ForwardMode::evaluate, norm.momentum, norm.epsilon,
                        /*cudnn_enabled=*/true);
}

at::Tensor UnitPass::pooled(const at::Tensor& x) const {
  if (mode == ForwardMode::train) {
    std::vector<at::Tensor> counts;
    for (size_t u = 0; u < units.size(); ++u) counts.push_back(buffers[3 * u + 2].tensor);
    at::_foreach_add_(counts, 1);
  }
  return x.mean({2, 3}, /*keepdim=*/false, leaves[1].scalar_type());
}

}  // namespace nolabel
