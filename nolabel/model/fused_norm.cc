#include "nolabel/model/fused_norm.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

#include <memory>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/gpu/plugin.h"

namespace nolabel {
namespace {

class FusedNormBackward : public torch::autograd::Node {
 public:
  FusedNormBackward(const FusedNorm& fused, const at::Tensor& x, at::Tensor coefficients,
                    bool rectifies, bool has_added)
      : fused_(fused),
        x_(x, /*is_output=*/false),
        coefficients_(std::move(coefficients)),
        rectifies_(rectifies),
        has_added_(has_added) {}

  bool needs_output() const { return rectifies_ && has_added_; }
  // y has this node as its history already.
  void save_output(const at::Tensor& y) {
    y_ = torch::autograd::SavedVariable(y, /*is_output=*/true);
  }

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    const c10::NoGradGuard no_grad;
    if (!gradients[0].defined()) return torch::autograd::variable_list(4);
    // The gradient of a mean over pixels has strides of 0, for example.
    const at::Tensor dy = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const FusedNormSaved saved{.x = x_.unpack(),
                               .coefficients = coefficients_,
                               .y = needs_output() ? y_.unpack(shared_from_this()) : at::Tensor(),
                               .rectifies = rectifies_,
                               .has_added = has_added_};
    const FusedNormGradients result = fused_.backward(saved, dy);
    return {result.x, result.added, result.weight, result.bias};
  }

  void release_variables() override {
    x_.reset_data();
    y_.reset_data();
    coefficients_.reset();
  }

 private:
  const FusedNorm& fused_;
  torch::autograd::SavedVariable x_, y_;
  at::Tensor coefficients_;
  const bool rectifies_, has_added_;
};

}  // namespace

const FusedNorm* find_fused_norm(const at::Tensor& x, const at::Tensor& added,
                                 const NormTensors& norm, Activation activation) {
  const at::ScalarType type = x.scalar_type();
  const bool is_norm_of_gpu = x.is_cuda() && x.numel() > 0 &&
                              x.is_contiguous(at::MemoryFormat::ChannelsLast) &&
                              (type == at::kBFloat16 || type == at::kHalf || type == at::kFloat) &&
                              norm.weight.scalar_type() == at::kFloat &&
                              (activation == Activation::none || activation == Activation::relu);
  if (!is_norm_of_gpu) return nullptr;
  if (added.defined() && (added.scalar_type() != type || added.sizes() != x.sizes())) {
    return nullptr;
  }
  const CudaFunctions* const functions = load_cuda_plugin().functions;
  return functions ? &functions->fused_norm : nullptr;
}

at::Tensor fused_norm(const FusedNorm& fused, const at::Tensor& x, const at::Tensor& added,
                      const NormTensors& norm, Activation activation, double momentum,
                      double epsilon) {
  NOLABEL_ASSERT(activation != Activation::relu6);
  const bool rectifies = activation == Activation::relu;
  FusedNormOutput result;
  {
    const c10::NoGradGuard no_grad;
    const at::Tensor other =
        added.defined() ? added.contiguous(at::MemoryFormat::ChannelsLast) : added;
    result = fused.forward({.x = x,
                            .added = other,
                            .weight = norm.weight,
                            .bias = norm.bias,
                            .running_mean = norm.running_mean,
                            .running_variance = norm.running_variance,
                            .momentum = momentum,
                            .epsilon = epsilon,
                            .rectifies = rectifies});
  }
  using torch::autograd::collect_next_edges, torch::autograd::compute_requires_grad;
  if (!compute_requires_grad(x, added, norm.weight, norm.bias)) return result.y;
  const std::shared_ptr<FusedNormBackward> node(
      new FusedNormBackward(fused, x, std::move(result.coefficients), rectifies, added.defined()),
      torch::autograd::deleteNode);
  node->set_next_edges(collect_next_edges(x, added, norm.weight, norm.bias));
  torch::autograd::set_history(result.y, node);
  if (node->needs_output()) node->save_output(result.y);
  return result.y;
}

}  // namespace nolabel
