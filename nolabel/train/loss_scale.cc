#include "nolabel/train/loss_scale.h"

#include <ATen/ATen.h>

namespace nolabel {
namespace {
constexpr double initial_scale = 65536, growth = 2, backoff = 0.5;  // GradScaler's defaults
constexpr int64_t growth_interval = 2000;
}  // namespace

LossScale::LossScale(bool enabled, at::Device device) {
  if (!enabled) return;
  scale_ = at::full({}, initial_scale, at::device(device).dtype(at::kFloat));
  growth_tracker_ = at::zeros({}, at::device(device).dtype(at::kInt));
}

at::Tensor LossScale::scaled(const at::Tensor& loss) const {
  return scale_.defined() ? loss * scale_ : loss;
}

void LossScale::unscale(std::vector<at::Tensor>& gradients, at::Tensor& skip) {
  if (!scale_.defined()) return;
  at::Tensor overflow = at::zeros_like(scale_);
  at::_amp_foreach_non_finite_check_and_unscale_(gradients, overflow, scale_.reciprocal());
  at::_amp_update_scale_(scale_, growth_tracker_, overflow, growth, backoff, growth_interval);
  skip = at::maximum(skip, overflow);
}

std::vector<at::Tensor> LossScale::state() const {
  if (!scale_.defined()) return {};
  return {scale_, growth_tracker_};
}

void LossScale::load_state(const std::vector<at::Tensor>& state) {
  if (!scale_.defined() || state.size() != 2) return;
  scale_.copy_(state[0]);
  growth_tracker_.copy_(state[1]);
}

}  // namespace nolabel
