// Batch norm in training, the sum with another tensor and ReLU as one operator of a GPU. LibTorch
// has one operator for each, and each reads and writes everything; for bf16 its batch norm is not
// cuDNN's. The functions are in the plug-in library (plugin.h).
//
// The same inputs give the same bits, also in a recording (recording.h): nothing depends on the
// order in which threads run, and nothing is asked of the device.
#pragma once

#include <ATen/core/Tensor.h>

namespace nolabel {

// "Values" are bf16, fp16 or fp32, [B,C,H,W], not empty, dense and channels-last. Tensors are on
// one GPU; those of a channel are fp32, [C] and dense.
struct FusedNormInput {
  at::Tensor x;                               // values
  at::Tensor added;                           // values of x's type and shape, or undefined
  at::Tensor weight, bias;                    // of a channel
  at::Tensor running_mean, running_variance;  // of a channel, updated in place; or undefined
  double momentum, epsilon;
  bool rectifies;  // ReLU; NaN stays
};

struct FusedNormOutput {
  at::Tensor y;             // new values of x's type and shape: ReLU(norm(x) + added)
  at::Tensor coefficients;  // [C,4] fp32, for the backward pass (norm_arithmetic.h)
};

struct FusedNormSaved {
  at::Tensor x, coefficients;
  at::Tensor y;  // where there is ReLU and `added` is defined; else not used
  bool rectifies, has_added;
};

struct FusedNormGradients {
  at::Tensor x;             // new values
  at::Tensor added;         // values: dy itself without ReLU; undefined where nothing was added
  at::Tensor weight, bias;  // [C] fp32
};

// Each works in the current stream of the tensors' device, and throws c10::Error where a tensor is
// not as described, and std::runtime_error, with the name of the kernel, where the device refuses.
struct FusedNorm {
  FusedNormOutput (*forward)(const FusedNormInput& input);
  FusedNormGradients (*backward)(const FusedNormSaved& saved, const at::Tensor& dy);
};

}  // namespace nolabel
