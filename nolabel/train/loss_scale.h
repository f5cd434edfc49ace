// Dynamic loss scaling for fp16 gradients, as PyTorch's GradScaler does it: the loss is multiplied
// by a scale that halves when a gradient overflows and doubles after 2,000 steps without one.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace nolabel {

class LossScale {
 public:
  // Off (scale undefined, every call a no-op) unless `enabled`.
  LossScale(bool enabled, at::Device device);
  // Float scalar, or undefined.
  const at::Tensor& scale() const { return scale_; }
  at::Tensor scaled(const at::Tensor& loss) const;
  // Divides the gradients by the scale, in place; sets `skip` (float scalar) to 1 when one is not
  // finite, and moves the scale.
  void unscale(std::vector<at::Tensor>& gradients, at::Tensor& skip);
  // For checkpoints: {scale, growth tracker}.
  std::vector<at::Tensor> state() const;
  void load_state(const std::vector<at::Tensor>& state);

 private:
  at::Tensor scale_, growth_tracker_;
};

}  // namespace nolabel
