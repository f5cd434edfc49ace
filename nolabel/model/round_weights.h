// Rounding of weights to 16 bits. Private to model.
#pragma once

#include <ATen/core/Tensor.h>

namespace nolabel {

// The weights of a convolution, [O,I,h,w] on any device, in `type` (bf16 or fp16): every weight is
// one of its two neighbors in that type, chosen so that the sum over each output channel is kept as
// well as possible. A depthwise convolution has so few weights that their errors do not cancel out:
// where its inputs are alike, which after ReLU they are, the error of the sum is what remains.
at::Tensor rounded_keeping_sums(const at::Tensor& weight, at::ScalarType type);

}  // namespace nolabel
