// Convolutional backbones are made of units: a convolution without bias and the batch norm after
// it. Private to model.
//
// Units are numbered in PyTorch's order of parameters; unit u owns parameters 3u (convolution),
// 3u+1 and 3u+2 (batch norm's weight and bias) and buffers 3u (running mean), 3u+1 (running
// variance), 3u+2 (count of batches).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "nolabel/model/architecture.h"
#include "nolabel/model/fused_convolution.h"
#include "nolabel/model/sync_batch_norm.h"

namespace nolabel {

struct ConvUnit {
  std::string convolution, norm;  // "backbone.layer1.0.conv1", "backbone.layer1.0.bn1"
  int in_channels, out_channels, kernel, stride;
  int groups = 1;
  ComputedIn computed_in = ComputedIn::working_type;  // the convolution and its output
};

struct BatchNorm {
  double momentum, epsilon;  // PyTorch's: running = (1 - momentum) * running + momentum * batch
};

std::vector<BackboneTensor> tensors_of(const std::vector<ConvUnit>& units);

// Of each unit the convolution's weight with the batch norm of evaluation folded in, and its bias
// [out] in fp32: what UnitPass takes as NetworkWeights::prepared. Empty where no fused operators
// use them (fused_convolution.h).
std::vector<at::Tensor> folded_units(const std::vector<ConvUnit>& units, const BatchNorm& norm,
                                     const std::vector<NamedTensor>& masters,
                                     const std::vector<NamedTensor>& buffers,
                                     at::ScalarType working_type);

// One forward pass through units.
class UnitPass {
 public:
  UnitPass(const std::vector<ConvUnit>& units, const BatchNorm& norm, const NetworkWeights& weights,
           ForwardMode mode)
      : units_(units), norm_(norm), weights_(weights), mode_(mode) {}

  const ConvUnit& shape(int u) const { return units_[u]; }

  // Convolution and batch norm of unit u, with `padding` rows and columns of zeros on every side;
  // the sum with `added`, if it is defined, and the activation: [B,in,H,W] of any type ->
  // [B,out,H',W'] of the type that the unit is computed in.
  at::Tensor unit(int u, const at::Tensor& x, int padding, Activation activation,
                  const at::Tensor& added) const;
  // Global average pooling, [B,D] in the masters' type, at the end of the pass.
  at::Tensor pooled(const at::Tensor& x) const;

 private:
  NormTensors norm_of(int u) const;
  at::Tensor normalised(const at::Tensor& y, const NormTensors& norm) const;

  const std::vector<ConvUnit>& units_;
  const BatchNorm norm_;
  const NetworkWeights& weights_;
  const ForwardMode mode_;
};

}  // namespace nolabel
