// Heads learn from normalised features, and work on the features as they are.
//
// Features come at any scale and around any mean (a backbone's, or somebody's own), but learning
// rates, weight decay and the start of a head are made for values around 0 and of size 1. So heads
// see (x - mean) * scale while they train. That is affine, so that the trained head is written as
// an ordinary linear layer on x: files, prediction and export know nothing of it.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <vector>

#include "nolabel/model/model.h"
#include "nolabel/train/input_source.h"

namespace nolabel {

enum class FeatureNormalization {
  automatic,  // center where the features do not change, else none
  none,       // as published
  center,     // minus the mean; all dimensions by one factor, so that their mean variance is 1
};

// What `asked` means for features that are `fixed`: those that somebody brings, or of a backbone
// that does not train. The mean of other features does not last.
FeatureNormalization settled(FeatureNormalization asked, bool fixed);

// x -> (x - mean) * scale
struct FeatureShift {
  at::Tensor mean;  // [D] float64 on the CPU
  double scale = 1;
};

// What `center` does with features [N,D] (fp32 on the CPU, finite, N >= 1). The scale is 1 where
// all rows are equal. Means are taken in float64, in blocks: no copy of the features is made.
FeatureShift measure_shift(const at::Tensor& features);

// Rows [n,D] shifted, in their type and on their device.
at::Tensor shifted(const at::Tensor& features, const FeatureShift& shift);

// `inputs`, whose features are shifted; `inputs` themselves without a shift.
std::unique_ptr<InputSource> shifted_inputs(std::unique_ptr<InputSource> inputs,
                                            const std::optional<FeatureShift>& shift);

// Adds a task's shift, or that it has none, to what describes the task (described_inputs.h).
void describe_shift(const std::optional<FeatureShift>& shift, Message& message);

// While it lives, the cluster heads of `model`, which learnt from shifted features, give the same
// logits for the features as they are. Then the heads are again what they were, bit for bit.
// Without a shift it does nothing.
class FoldedHeads {
 public:
  FoldedHeads(Model& model, const std::optional<FeatureShift>& shift);
  FoldedHeads(const FoldedHeads&) = delete;
  FoldedHeads& operator=(const FoldedHeads&) = delete;
  ~FoldedHeads();

 private:
  Model& model_;
  std::vector<Model::ClusterHead> learnt_;
};

// The other way, for good: heads of features as they are become heads of shifted features.
void unfold_heads(Model& model, const FeatureShift& shift);

}  // namespace nolabel
