#include "nolabel/model/fused_linear.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "nolabel/model/model_testing.h"
#include "nolabel/model/onednn_operators.h"

namespace nolabel {
namespace {

using testing_models::rough;

class LinearGelu : public testing::TestWithParam<const char*> {
 protected:
  at::Tensor expected() const {
    return at::gelu(at::linear(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble)),
                    GetParam());
  }
  const at::Tensor x = rough({2, 17, 64}, 0.5).to(at::kBFloat16);
  const at::Tensor weight = rough({96, 64}, 1.5).mul(0.3).to(at::kBFloat16);
  const at::Tensor bias = rough({96}, 2.5).to(at::kBFloat16);
};

// Two operators round twice, where a processor has no AVX-512.
TEST_P(LinearGelu, InOnePassRoundsOnce) {
  const c10::NoGradGuard no_gradient;
  const at::Tensor fused = linear_gelu(x, weight, bias, GetParam());
  EXPECT_EQ(fused.scalar_type(), at::kBFloat16);
  EXPECT_EQ(fused.sizes(), at::IntArrayRef({2, 17, 96}));
  const double roundings = onednn_takes_bf16() ? 1 : 2;
  // Half a unit in the last place of bf16 for each, and what the sums in fp32 lose.
  const at::Tensor error = (fused.to(at::kDouble) - expected()).abs();
  EXPECT_LE((error - expected().abs() * roundings / 256 - 1e-3).max().item<double>(), 0);
}

TEST_P(LinearGelu, IsTheSameInFloat64AndWithGradients) {
  const at::Tensor wide =
      linear_gelu(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble), GetParam());
  EXPECT_TRUE(wide.equal(expected()));
  const at::Tensor trained = weight.detach().clone().requires_grad_();
  linear_gelu(x, trained, bias, GetParam()).sum().backward();
  EXPECT_GT(trained.grad().abs().max().item<double>(), 0);
}

INSTANTIATE_TEST_SUITE_P(Of, LinearGelu, testing::Values("none", "tanh"));

}  // namespace
}  // namespace nolabel
