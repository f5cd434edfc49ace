#include "nolabel/model/sync_batch_norm.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/group/group_testing.h"

namespace nolabel {
namespace {

using testing_group::run_as_group;

at::Tensor uneven(at::IntArrayRef shape) {
  const auto count = c10::multiply_integers(shape);
  return (at::arange(count, at::kDouble) * 0.37).sin().view(shape) * 3 + 20;
}

struct Result {
  at::Tensor y, dx, dw, db, running_mean, running_variance;
};

template <class Norm>
Result result_of(const at::Tensor& input, const at::Tensor& dy, const Norm& norm) {
  const at::Tensor x = input.clone().requires_grad_();
  const NormTensors tensors{.weight = (at::arange(1, 6, at::kDouble) / 3).requires_grad_(),
                            .bias = at::arange(5, at::kDouble).requires_grad_(),
                            .running_mean = at::zeros({5}, at::kDouble),
                            .running_variance = at::ones({5}, at::kDouble)};
  const at::Tensor y = norm(x, tensors);
  y.backward(dy);
  return {y.detach(),
          x.grad(),
          tensors.weight.grad(),
          tensors.bias.grad(),
          tensors.running_mean,
          tensors.running_variance};
}

void expect_equal(const at::Tensor& actual, const at::Tensor& expected, const char* what) {
  EXPECT_TRUE(at::allclose(actual, expected, 1e-10, 1e-11)) << what << actual - expected;
}

// Also where shares are unequal and one is empty.
TEST(SyncBatchNorm, IsThatOfTheWholeBatch) {
  for (const int64_t images : {7, 2}) {
    const at::Tensor x = uneven({images, 5, 3, 2}), dy = (uneven({images, 5, 3, 2}) - 20).cos();
    const Result whole = result_of(x, dy, [](const at::Tensor& input, const NormTensors& norm) {
      return at::batch_norm(input, norm.weight, norm.bias, norm.running_mean, norm.running_variance,
                            /*training=*/true, 0.1, 1e-5, false);
    });
    run_as_group(3, [&](const std::shared_ptr<Group>& group) {
      const Share own = group->share(images);
      const Result share =
          result_of(x.narrow(0, own.begin, own.size), dy.narrow(0, own.begin, own.size),
                    [&group](const at::Tensor& input, const NormTensors& norm) {
                      return sync_batch_norm(*group, input, norm, 0.1, 1e-5);
                    });
      expect_equal(group->all_gather(share.y, images), whole.y, "values");
      expect_equal(group->all_gather(share.dx, images), whole.dx, "gradients of the input");
      group->all_reduce({share.dw, share.db});
      expect_equal(share.dw, whole.dw, "gradients of the weight");
      expect_equal(share.db, whole.db, "gradients of the bias");
      expect_equal(share.running_mean, whole.running_mean, "running mean");
      expect_equal(share.running_variance, whole.running_variance, "running variance");
    });
  }
}

// As in training: views in bf16, weights in fp32. The means are far from 0, where bf16 is coarse.
TEST(SyncBatchNorm, TakesStatisticsOfBf16InFp32) {
  const at::Tensor x = (uneven({8, 5, 6, 6}) / 30 + 3).to(at::kBFloat16);
  const auto tensors = [] {
    return NormTensors{.weight = at::ones({5}),
                       .bias = at::zeros({5}),
                       .running_mean = {},
                       .running_variance = {}};
  };
  const NormTensors alone = tensors();
  const at::Tensor whole =
      at::batch_norm(x, alone.weight, alone.bias, {}, {}, /*training=*/true, 0.1, 1e-5, false);
  run_as_group(2, [&](const std::shared_ptr<Group>& group) {
    const Share own = group->share(8);
    const at::Tensor y =
        sync_batch_norm(*group, x.narrow(0, own.begin, own.size), tensors(), 0.1, 1e-5);
    EXPECT_EQ(y.scalar_type(), at::kBFloat16);
    const at::Tensor all = group->all_gather(y, 8).to(at::kFloat);
    EXPECT_LE((all - whole.to(at::kFloat)).abs().max().item<double>(), 0.016);  // one bf16 step
    EXPECT_LE(all.mean({0, 2, 3}).abs().max().item<double>(), 2e-3);
  });
}

}  // namespace
}  // namespace nolabel
