// A convolution whose batch norm is folded into its weights, with the activation after it, as one
// operator of oneDNN. Private to model.
#pragma once

#include <ATen/core/Tensor.h>

namespace nolabel {

enum class Activation { none, relu, relu6 };

// In place.
at::Tensor activated(at::Tensor x, Activation activation);

// Whether fused_convolution() can be used: on a processor with AVX-512 (below, bf16 is slow in any
// case), in bf16.
bool fuses_convolutions(at::Device device, at::ScalarType working_type);

struct FoldedConvolution {
  at::Tensor weight;  // [out,in/groups,k,k] bf16 or fp32, channels-last
  at::Tensor bias;    // [out] fp32
  int stride, padding, groups;
};

// activation(convolution(x)), without gradients. x [B,in,H,W] and the result are of the weight's
// type. oneDNN can also add a tensor, but then LibTorch 2.11 refuses a bias in fp32.
at::Tensor fused_convolution(const FoldedConvolution& convolution, const at::Tensor& x,
                             Activation activation);

}  // namespace nolabel
