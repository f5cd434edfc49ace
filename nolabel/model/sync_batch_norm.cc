#include "nolabel/model/sync_batch_norm.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

#include "nolabel/base/error.h"
#include "nolabel/model/channel_sum.h"

namespace nolabel {
namespace {

using torch::autograd::SavedVariable;
using torch::autograd::variable_list;

// Of the whole batch.
struct Statistics {
  at::Tensor mean, variance;  // [C] in the type of the weights; not the unbiased variance
  at::Tensor count;           // [] fp64: values of each channel
};

// Sums in fp64: the difference of mean square and squared mean then loses nothing that counts. The
// count stays where x is: asking a GPU for it would wait for all that comes before, in each layer.
Statistics statistics_of_group(Group& group, const at::Tensor& x, at::ScalarType type) {
  const int64_t channels = x.size(1);
  const double values = channels > 0 ? static_cast<double>(x.numel()) / channels : 0;
  at::Tensor sums = at::zeros({2 * channels + 1}, x.options().dtype(at::kDouble));
  if (values > 0) {
    // Where x is bf16, the figures come in the type of the running statistics that are given.
    const at::Tensor unused_mean = at::zeros({channels}, x.options().dtype(type));
    const at::Tensor unused_variance = at::ones_like(unused_mean);
    const auto [mean, variance] =
        at::batch_norm_update_stats(x, unused_mean, unused_variance, /*momentum=*/0);
    NOLABEL_ASSERT(mean.scalar_type() == type);
    const at::Tensor exact = mean.to(at::kDouble);
    sums.narrow(0, 0, channels).copy_(exact * values);
    sums.narrow(0, channels, channels).copy_((variance.to(at::kDouble) + exact.square()) * values);
    sums[2 * channels].fill_(values);
  }
  group.all_reduce({sums});
  const at::Tensor count = sums[2 * channels];
  const at::Tensor mean = sums.narrow(0, 0, channels) / count;
  const at::Tensor variance = sums.narrow(0, channels, channels) / count - mean.square();
  return {mean.to(type), variance.clamp_min(0).to(type), count};
}

void keep_running(const NormTensors& norm, const Statistics& batch, double momentum) {
  if (!norm.running_mean.defined()) return;
  const at::Tensor unbiased = batch.count / (batch.count - 1);
  at::Tensor mean = norm.running_mean, variance = norm.running_variance;
  mean.lerp_(batch.mean, momentum);
  variance.lerp_(batch.variance * unbiased, momentum);
}

class NormBackward : public torch::autograd::Node {
 public:
  NormBackward(Group& group, const at::Tensor& x, const at::Tensor& weight, Statistics batch,
               double epsilon)
      : group_(group),
        x_(x, /*is_output=*/false),
        weight_(weight, /*is_output=*/false),
        batch_(std::move(batch)),
        epsilon_(epsilon) {}

  // With x̂ = (x - mean) · s, s = 1 / sqrt(variance + epsilon), and sums over the whole batch of n
  // values: dx = weight · s · (dy - Σdy / n - x̂ · Σ(dy · x̂) / n).
  variable_list apply(variable_list&& gradients) override {
    const c10::NoGradGuard no_grad;
    const at::Tensor &dy = gradients[0], x = x_.unpack(), weight = weight_.unpack();
    const at::Tensor scale = (batch_.variance + epsilon_).rsqrt();
    at::Tensor for_weight = at::zeros_like(weight), for_bias = at::zeros_like(weight);
    if (x.numel() > 0) {
      std::tie(std::ignore, for_weight, for_bias) =
          at::native_batch_norm_backward(dy, x, weight, batch_.mean, batch_.variance, batch_.mean,
                                         scale, /*train=*/false, epsilon_, {false, true, true});
    }
    const at::Tensor sum_product = for_weight.clone(), sum = for_bias.clone();
    group_.all_reduce({sum_product, sum});
    const at::Tensor factor = weight * scale, slope = -factor * scale * sum_product / batch_.count;
    const at::Tensor offset = -factor * sum / batch_.count - slope * batch_.mean;
    return {channel_sum(x, dy, {offset, slope, factor}), for_weight, for_bias};
  }

  void release_variables() override {
    x_.reset_data();
    weight_.reset_data();
  }

 private:
  Group& group_;
  SavedVariable x_, weight_;
  const Statistics batch_;
  const double epsilon_;
};

}  // namespace

at::Tensor sync_batch_norm(Group& group, const at::Tensor& x, const NormTensors& norm,
                           double momentum, double epsilon) {
  at::Tensor result;
  Statistics batch;
  {
    const c10::NoGradGuard no_grad;
    batch = statistics_of_group(group, x, norm.weight.scalar_type());
    keep_running(norm, batch, momentum);
    result = at::batch_norm(x, norm.weight, norm.bias, batch.mean, batch.variance,
                            /*training=*/false, momentum, epsilon, /*cudnn_enabled=*/true);
  }
  if (!torch::autograd::compute_requires_grad(x, norm.weight, norm.bias)) return result;
  const std::shared_ptr<NormBackward> node(
      new NormBackward(group, x, norm.weight, std::move(batch), epsilon),
      torch::autograd::deleteNode);
  node->set_next_edges(torch::autograd::collect_next_edges(x, norm.weight, norm.bias));
  torch::autograd::set_history(result, node);
  return result;
}

}  // namespace nolabel
