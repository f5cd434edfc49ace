#include "nolabel/model/channel_sum.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace nolabel {
namespace {

// Also where neither our loop nor a vector of it fits: other layouts, fp64, odd numbers of
// channels.
TEST(ChannelSum, IsThatOfLibTorch) {
  for (const int64_t channels : {1, 5, 32}) {
    for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      for (const at::ScalarType type : {at::kBFloat16, at::kFloat, at::kDouble}) {
        const auto wave = [&](double phase) {
          return (at::arange(3 * channels * 7 * 2, at::kDouble) + phase)
              .sin()
              .view({3, channels, 7, 2})
              .to(type)
              .contiguous(format);
        };
        const at::ScalarType sums = type == at::kDouble ? at::kDouble : at::kFloat;
        const at::Tensor of_channels = at::arange(1, channels + 1, sums);
        const ChannelWeights weights{of_channels.cos(), of_channels / 3, of_channels.sin()};
        const at::Tensor x = wave(0), y = wave(0.4);
        const at::Tensor sum = channel_sum(x, y, weights);
        const auto wide = [](const at::Tensor& w) { return w.to(at::kDouble).view({1, -1, 1, 1}); };
        const at::Tensor expected = wide(weights.offset) + wide(weights.slope) * x.to(at::kDouble) +
                                    wide(weights.factor) * y.to(at::kDouble);
        EXPECT_EQ(sum.scalar_type(), type);
        const double step = type == at::kBFloat16 ? 1.0 / 256 : type == at::kFloat ? 1e-6 : 1e-14;
        EXPECT_TRUE(at::allclose(sum.to(at::kDouble), expected, step, step)) << channels;
        EXPECT_TRUE(at::equal(channel_sum(x, y.contiguous(), weights), sum));
      }
    }
  }
  const at::Tensor nothing = at::empty({0, 4, 2, 2});
  EXPECT_EQ(channel_sum(nothing, nothing, {at::ones({4}), at::ones({4}), at::ones({4})}).numel(),
            0);
}

}  // namespace
}  // namespace nolabel
