#include "nolabel/model/rectified_sum.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace nolabel {
namespace {

TEST(RectifiedSum, IsThatOfLibTorch) {
  // Every bf16 that there is, infinities and NaN among them, and another one for each.
  const at::Tensor first =
      at::arange(1 << 16, at::kInt).to(at::kShort).view(at::kBFloat16).view({4, 16, 32, 32});
  const at::Tensor second = first.flatten().flip({0}).view_as(first).mul(0.37);
  for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
    const at::Tensor x = first.clone(format), y = second.clone(format);
    const at::Tensor expected = (x + y).relu();
    const at::Tensor sum = rectified_sum(x.clone(), y);
    EXPECT_TRUE(at::equal(sum.isnan(), expected.isnan()));
    EXPECT_TRUE(at::equal(sum.nan_to_num(), expected.nan_to_num()));
    EXPECT_TRUE(sum.is_contiguous(format));
  }
}

TEST(RectifiedSum, RoundsTiesToEven) {
  const auto value = [](double x) { return at::full({1}, x, at::kBFloat16); };
  const double ulp = 1.0 / 128, half = ulp / 2;  // of 1
  EXPECT_EQ(rectified_sum(value(1), value(half)).item<double>(), 1);
  EXPECT_EQ(rectified_sum(value(1 + ulp), value(half)).item<double>(), 1 + 2 * ulp);
  EXPECT_EQ(rectified_sum(value(-3), value(1)).item<double>(), 0);
}

}  // namespace
}  // namespace nolabel
