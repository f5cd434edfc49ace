#include "nolabel/model/channel_sum.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "nolabel/base/clones.h"
#include "nolabel/model/bf16_bits.h"

namespace nolabel {
namespace {

struct WeightPointers {
  const float *offset, *slope, *factor;  // [C]
};

// `pixels` times all channels, one pixel after another.
NOLABEL_CLONES void add_pixels(const uint16_t* x, const uint16_t* y, uint16_t* out, int64_t pixels,
                               int64_t channels, WeightPointers w) {
  for (int64_t p = 0; p < pixels; ++p, x += channels, y += channels, out += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      out[c] = rounded_bits(w.offset[c] + w.slope[c] * exact(x[c]) + w.factor[c] * exact(y[c]));
    }
  }
}

NOLABEL_CLONES void add_pixels(const float* x, const float* y, float* out, int64_t pixels,
                               int64_t channels, WeightPointers w) {
  for (int64_t p = 0; p < pixels; ++p, x += channels, y += channels, out += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      out[c] = w.offset[c] + w.slope[c] * x[c] + w.factor[c] * y[c];
    }
  }
}

template <class Value>
void add_all(const at::Tensor& x, const at::Tensor& y, const at::Tensor& out,
             const WeightPointers& weights) {
  const int64_t channels = x.size(1), pixels = channels > 0 ? x.numel() / channels : 0;
  const int64_t pixels_per_task = std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(channels, 1));
  const auto* const first = static_cast<const Value*>(x.const_data_ptr());
  const auto* const second = static_cast<const Value*>(y.const_data_ptr());
  auto* const sums = static_cast<Value*>(out.mutable_data_ptr());
  at::parallel_for(0, pixels, pixels_per_task, [&](int64_t begin, int64_t end) {
    const int64_t at = begin * channels;
    add_pixels(first + at, second + at, sums + at, end - begin, channels, weights);
  });
}

at::Tensor sum_of_libtorch(const at::Tensor& x, const at::Tensor& y, const ChannelWeights& w) {
  const auto by_channel = [](const at::Tensor& values) { return values.view({1, -1, 1, 1}); };
  at::Tensor sum = at::addcmul(by_channel(w.offset), x, by_channel(w.slope));
  sum.addcmul_(y, by_channel(w.factor));
  return sum.to(x.scalar_type());
}

}  // namespace

at::Tensor channel_sum(const at::Tensor& x, const at::Tensor& y, const ChannelWeights& weights) {
  constexpr auto by_pixel = at::MemoryFormat::ChannelsLast;
  const at::ScalarType type = x.scalar_type();
  const bool is_ours =
      x.is_cpu() && x.is_contiguous(by_pixel) && (type == at::kBFloat16 || type == at::kFloat);
  if (!is_ours) return sum_of_libtorch(x, y, weights);
  const at::Tensor other = y.contiguous(by_pixel);
  const at::Tensor out = at::empty_like(x, x.options().memory_format(by_pixel));
  const at::Tensor offset = weights.offset.contiguous(), slope = weights.slope.contiguous(),
                   factor = weights.factor.contiguous();
  const WeightPointers pointers{offset.const_data_ptr<float>(), slope.const_data_ptr<float>(),
                                factor.const_data_ptr<float>()};
  if (type == at::kBFloat16) {
    add_all<uint16_t>(x, other, out, pointers);
  } else {
    add_all<float>(x, other, out, pointers);
  }
  return out;
}

}  // namespace nolabel
