// Initial weights as the published program has them, from the counter-based generator: a weight
// depends on (seed, number of the parameter, output channel, position) only. Private to model.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace nolabel {

// Kaiming normal, fan-out, ReLU (He et al. 2015): N(0, 2 / (out / groups * kernel²)), where `in`
// counts the channels of one group. [out,in,kernel,kernel]
at::Tensor initial_convolution(int64_t out, int64_t in, int64_t kernel, int64_t groups,
                               uint64_t seed, uint32_t parameter);

// PyTorch's default for weight [out,in] and bias [out]: uniform in ±1/sqrt(fan_in).
at::Tensor initial_linear(at::IntArrayRef shape, int64_t fan_in, uint64_t seed, uint32_t parameter);

}  // namespace nolabel
