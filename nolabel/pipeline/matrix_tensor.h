// Between LibTorch's tensors and the matrices of the layers that know no LibTorch.
#pragma once

#include <ATen/core/Tensor.h>

#include "nolabel/base/npy.h"

namespace nolabel {

// A copy in plain memory of a tensor [N,D] of any floating type and device.
Matrix<float> to_matrix(const at::Tensor& rows);

// The same memory as a tensor [N,D], fp32 on the CPU.
at::Tensor to_tensor(Matrix<float>&& matrix);

}  // namespace nolabel
