// The self-labelling objective: a strong view must get the label that the model is sure of on the
// plain view.
#pragma once

#include <ATen/core/Tensor.h>

namespace nolabel {

struct ConfidenceLoss {
  at::Tensor total;          // scalar, differentiable; 0 with gradient 0 when nothing is kept
  at::Tensor kept;           // int64 scalar: confident images of the batch
  at::Tensor kept_fraction;  // scalar in the logits' type
  at::Tensor counts;         // int64 [C]: confident images by pseudo-label
};

// Self-label loss (Van Gansbeke et al. 2020, section 2.3): cross-entropy of the strong view's
// logits against the pseudo-label argmax p of the weak view, over the images with max p above
// the threshold.
//   weak, strong  logits [B,C], fp32 or fp64; no gradient flows into `weak`
//   threshold     0..1
//   balanced      every class present counts the same: weight n/count_c, and a weighted mean
// Images below the threshold are masked, not removed, and the counts stay tensors: shapes are
// static and the host never waits. When kept is 0 the step has nothing to teach: skip it.
ConfidenceLoss confidence_loss(const at::Tensor& weak, const at::Tensor& strong, double threshold,
                               bool balanced);

}  // namespace nolabel
