// Batch norm in training, the sum with another tensor and ReLU as one operator with gradients,
// where a GPU has it (gpu/fused_norm.h). Private to model.
#pragma once

#include <ATen/core/Tensor.h>

#include "nolabel/gpu/fused_norm.h"
#include "nolabel/model/fused_convolution.h"
#include "nolabel/model/sync_batch_norm.h"

namespace nolabel {

// The operator for these tensors, as fused_norm() takes them: the plug-in's. nullptr where there is
// none for their device, types, shapes or order in memory, or for the activation.
const FusedNorm* find_fused_norm(const at::Tensor& x, const at::Tensor& added,
                                 const NormTensors& norm, Activation activation);

// activation(batch norm of x over this batch + added): new values of x's type. x and `added`, which
// may be undefined, are [B,C,H,W] of one type, channels-last; the norm's tensors are fp32. `fused`
// must outlive the backward pass.
at::Tensor fused_norm(const FusedNorm& fused, const at::Tensor& x, const at::Tensor& added,
                      const NormTensors& norm, Activation activation, double momentum,
                      double epsilon);

}  // namespace nolabel
