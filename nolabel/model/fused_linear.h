// A linear layer and its GELU in one pass. Private to model.
#pragma once

#include <ATen/core/Tensor.h>

namespace nolabel {

// gelu(x · weightᵀ + bias): x [..,in], weight [out,in], bias [out], all of one type. `approximate`:
// "none" or "tanh", as at::gelu() takes it. In bf16 on a CPU with AVX-512, without gradients,
// oneDNN computes both in one kernel and rounds once; elsewhere they are two operators.
at::Tensor linear_gelu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                       const char* approximate);

}  // namespace nolabel
