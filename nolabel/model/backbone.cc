#include "nolabel/model/backbone.h"

#include <ATen/ATen.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

constexpr double batch_norm_momentum = 0.1;
constexpr double batch_norm_epsilon = 1e-5;

// One forward pass and what it works on.
struct Pass {
  const BackboneLayout& layout;
  const std::vector<at::Tensor>& leaves;
  const std::vector<NamedTensor>& buffers;
  const BatchNormMode mode;

  // Convolution and batch norm: [B,in,H,W] -> [B,out,H/stride,W/stride]
  at::Tensor unit(int u, const at::Tensor& x) const {
    const ConvUnit& unit = layout.units[u];
    const at::Tensor y =
        at::conv2d(x, leaves[3 * u], {}, unit.stride, unit.padding(), /*dilation=*/1);
    const bool uses_running = mode != BatchNormMode::train_without_update;
    return at::batch_norm(y, leaves[3 * u + 1], leaves[3 * u + 2],
                          uses_running ? buffers[3 * u].tensor : at::Tensor(),
                          uses_running ? buffers[3 * u + 1].tensor : at::Tensor(),
                          /*training=*/mode != BatchNormMode::eval, batch_norm_momentum,
                          batch_norm_epsilon, /*cudnn_enabled=*/true);
  }

  // In place where autograd allows it: batch norm's backward does not need its output.
  at::Tensor block(const ResidualBlock& block, const at::Tensor& x) const {
    at::Tensor y = x;
    for (size_t i = 0; i < block.path.size(); ++i) {
      if (i > 0) y.relu_();
      y = unit(block.path[i], y);
    }
    y.add_(block.shortcut ? unit(*block.shortcut, x) : x);
    return y.relu_();
  }

  void count_batch() const {
    std::vector<at::Tensor> counts;
    for (size_t u = 0; u < layout.units.size(); ++u) counts.push_back(buffers[3 * u + 2].tensor);
    at::_foreach_add_(counts, 1);
  }
};

}  // namespace

at::Tensor backbone_features(const BackboneLayout& layout, const std::vector<at::Tensor>& leaves,
                             const std::vector<NamedTensor>& buffers, const at::Tensor& views,
                             BatchNormMode mode) {
  if (layout.units.empty()) return views;  // BackboneKind::identity
  const Pass pass{layout, leaves, buffers, mode};
  at::Tensor x = pass.unit(0, views).relu_();
  if (layout.stem_pooling) {
    const Pooling& pooling = *layout.stem_pooling;
    x = at::max_pool2d(x, pooling.kernel, pooling.stride, pooling.padding);
  }
  for (const ResidualBlock& block : layout.blocks) x = pass.block(block, x);
  if (mode == BatchNormMode::train) pass.count_batch();
  return x.mean({2, 3}, /*keepdim=*/false, leaves[1].scalar_type());
}

}  // namespace nolabel
