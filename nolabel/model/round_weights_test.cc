#include "nolabel/model/round_weights.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/model/model_testing.h"

namespace nolabel {
namespace {

using namespace testing_models;

double largest_error_of_a_sum(const at::Tensor& rounded, const at::Tensor& exact) {
  return (rounded.to(at::kDouble) - exact).sum({1, 2, 3}).abs().max().item<double>();
}

TEST(RoundedKeepingSums, KeepsThemBetterThanTheNearest) {
  const at::Tensor exact = rough({40, 1, 5, 5}, 0.5).to(at::kFloat);
  for (const at::ScalarType type : {at::kBFloat16, at::kHalf}) {
    const at::Tensor rounded = rounded_keeping_sums(exact, type), nearest = exact.to(type);
    EXPECT_EQ(rounded.scalar_type(), type);
    EXPECT_LT(largest_error_of_a_sum(rounded, exact), largest_error_of_a_sum(nearest, exact) / 8);
    // No weight is further away than its second neighbor.
    const double step = type == at::kHalf ? 0x1p-10 : 0x1p-7;
    EXPECT_TRUE(((rounded.to(at::kDouble) - exact).abs() <= exact.abs() * step).all().item<bool>());
  }
}

TEST(RoundedKeepingSums, LeavesExactWeightsAlone) {
  const at::Tensor exact = at::tensor({0.0f, 1.0f, -0.5f, 0x1p-140f}).view({1, 1, 2, 2});
  EXPECT_TRUE(rounded_keeping_sums(exact, at::kBFloat16).equal(exact.to(at::kBFloat16)));
}

TEST(RoundedKeepingSums, KeepsTheMemoryFormat) {
  const at::Tensor exact =
      rough({8, 3, 3, 3}, 0.5).to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor rounded = rounded_keeping_sums(exact, at::kBFloat16);
  EXPECT_TRUE(rounded.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(at::allclose(rounded.to(at::kFloat), exact, 0x1p-7, 0));
}

}  // namespace
}  // namespace nolabel
