// Batch norm in training over the batch of a whole group of processes, each of which has a share of
// it (group/group.h): to the values and gradients that one process would compute for the whole
// batch. (PyTorch calls this SyncBatchNorm. It is not the method named group normalization.)
// Private to model.
#pragma once

#include <ATen/core/Tensor.h>

#include "nolabel/group/group.h"

namespace nolabel {

// What batch norm learns and keeps: each [C]. Undefined running statistics are not kept.
struct NormTensors {
  at::Tensor weight, bias;
  at::Tensor running_mean, running_variance;  // updated in place
};

// x [B,C,H,W], the share of this process, which may be empty; all processes call it. Gradients of
// weight and bias are those of this share: their sum over the group is the gradient. `group` must
// outlive the backward pass.
at::Tensor sync_batch_norm(Group& group, const at::Tensor& x, const NormTensors& norm,
                           double momentum, double epsilon);

}  // namespace nolabel
