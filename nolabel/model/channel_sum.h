// Two tensors, weighted by channel, and a constant of each channel, added up in one pass: what the
// backward pass of batch norm ends with. LibTorch takes three passes, and for bf16 a float copy.
// Private to model.
#pragma once

#include <ATen/core/Tensor.h>

namespace nolabel {

struct ChannelWeights {
  at::Tensor offset, slope, factor;  // each [C], in the type of sums: fp64 for fp64, else fp32
};

// offset + slope * x + factor * y, each term by channel. x, y [B,C,H,W] of one floating type, which
// the result has, and on one device.
at::Tensor channel_sum(const at::Tensor& x, const at::Tensor& y, const ChannelWeights& weights);

}  // namespace nolabel
