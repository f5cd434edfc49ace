#include "nolabel/train/feature_normalization.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

constexpr int64_t block_rows = 4096;  // that are held in float64 at a time

// The sum of sum_of(block [b,D] float64) over all rows.
at::Tensor sum_over_blocks(const at::Tensor& features,
                           const std::function<at::Tensor(const at::Tensor&)>& sum_of) {
  at::Tensor sum = at::zeros({features.size(1)}, at::kDouble);
  for (int64_t first = 0; first < features.size(0); first += block_rows) {
    const int64_t count = std::min(block_rows, features.size(0) - first);
    sum += sum_of(features.narrow(0, first, count).to(at::kDouble));
  }
  return sum;
}

class ShiftedInputs : public InputSource {
 public:
  ShiftedInputs(std::unique_ptr<InputSource> inputs, FeatureShift shift)
      : inputs_(std::move(inputs)), shift_(std::move(shift)) {}
  int64_t size() const override { return inputs_->size(); }
  at::Tensor gather(int epoch, std::span<const ViewOf> views) const override {
    return inputs_->gather(epoch, views);
  }
  at::Tensor features(Model& model, const at::Tensor& inputs, ForwardMode mode) const override {
    return shifted(inputs_->features(model, inputs, mode), shift_);
  }
  // The task, which knows the shift, describes it.
  void describe(Group& group, Message& message) const override {
    inputs_->describe(group, message);
  }

 private:
  const std::unique_ptr<InputSource> inputs_;
  const FeatureShift shift_;
};

// Calls `change` with weight [C,D] and bias [C] of each cluster head, both in float64, and keeps
// what it makes of them. Heads are computed in the type of the masters: no working copy is renewed.
void change_heads(Model& model, const FeatureShift& shift,
                  const std::function<void(at::Tensor& weight, at::Tensor& bias,
                                           const at::Tensor& mean)>& change) {
  const c10::NoGradGuard no_grad;
  const at::Tensor mean = shift.mean.to(model.device());
  for (const Model::ClusterHead& head : model.cluster_heads()) {
    at::Tensor weight = head.weight.to(at::kDouble), bias = head.bias.to(at::kDouble);
    change(weight, bias, mean);
    head.weight.copy_(weight);
    head.bias.copy_(bias);
  }
}

}  // namespace

FeatureNormalization settled(FeatureNormalization asked, bool fixed) {
  if (asked != FeatureNormalization::automatic) return asked;
  return fixed ? FeatureNormalization::center : FeatureNormalization::none;
}

FeatureShift measure_shift(const at::Tensor& features) {
  NOLABEL_ASSERT(features.dim() == 2 && features.size(0) > 0);
  const c10::NoGradGuard no_grad;
  const auto rows = static_cast<double>(features.size(0));
  const at::Tensor mean =
      sum_over_blocks(features, [](const at::Tensor& block) { return block.sum(0); }) / rows;
  const at::Tensor variance =
      sum_over_blocks(features,
                      [&](const at::Tensor& block) { return (block - mean).square().sum(0); }) /
      rows;
  const double deviation = std::sqrt(variance.mean().item<double>());
  return {mean, deviation > 0 ? 1 / deviation : 1};
}

at::Tensor shifted(const at::Tensor& features, const FeatureShift& shift) {
  return (features - shift.mean.to(features.options())).mul_(shift.scale);
}

std::unique_ptr<InputSource> shifted_inputs(std::unique_ptr<InputSource> inputs,
                                            const std::optional<FeatureShift>& shift) {
  if (!shift) return inputs;
  return std::make_unique<ShiftedInputs>(std::move(inputs), *shift);
}

FoldedHeads::FoldedHeads(Model& model, const std::optional<FeatureShift>& shift) : model_(model) {
  if (!shift) return;
  for (const Model::ClusterHead& head : model.cluster_heads()) {
    learnt_.push_back({head.weight.clone(), head.bias.clone()});
  }
  // W (x - mean) scale + b = (W scale) x + (b - W scale mean)
  change_heads(model, *shift, [&](at::Tensor& weight, at::Tensor& bias, const at::Tensor& mean) {
    weight *= shift->scale;
    bias -= weight.mv(mean);
  });
}

FoldedHeads::~FoldedHeads() {
  if (learnt_.empty()) return;
  const c10::NoGradGuard no_grad;
  const std::vector<Model::ClusterHead> heads = model_.cluster_heads();
  for (size_t head = 0; head < heads.size(); ++head) {
    heads[head].weight.copy_(learnt_[head].weight);
    heads[head].bias.copy_(learnt_[head].bias);
  }
}

void unfold_heads(Model& model, const FeatureShift& shift) {
  change_heads(model, shift, [&](at::Tensor& weight, at::Tensor& bias, const at::Tensor& mean) {
    bias += weight.mv(mean);
    weight /= shift.scale;
  });
}

void describe_shift(const std::optional<FeatureShift>& shift, Message& message) {
  message.values["shifted"] = shift.has_value();
  if (!shift) return;
  message.tensors.push_back(shift->mean);
  message.tensors.push_back(tensor_of_value(shift->scale));
}

}  // namespace nolabel
