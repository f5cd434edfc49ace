// ReLU(a + b) of bf16 in one pass: LibTorch takes two, which cost a ResNet-50 several percent.
// Private to model.
#pragma once

#include <ATen/core/Tensor.h>

namespace nolabel {

// In place in `sum`, on the CPU, to the same values as sum.add_(other).relu_(). Both are bf16, of
// the same shape, and dense in the same order of memory.
at::Tensor rectified_sum(at::Tensor sum, const at::Tensor& other);

}  // namespace nolabel
