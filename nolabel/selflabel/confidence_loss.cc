#include "nolabel/selflabel/confidence_loss.h"

#include <ATen/ATen.h>

#include <tuple>

#include "nolabel/base/error.h"

namespace nolabel {

ConfidenceLoss confidence_loss(const at::Tensor& weak, const at::Tensor& strong, double threshold,
                               bool balanced) {
  NOLABEL_ASSERT(weak.dim() == 2 && weak.size(0) >= 1 && weak.sizes() == strong.sizes());
  const auto [confidence, labels] = weak.detach().softmax(1).max(1, /*keepdim=*/true);  // [B,1]
  const at::Tensor confident = confidence > threshold;                                  // [B,1]
  // [B,C]: true at the pseudo-label of a confident image.
  const at::Tensor targets =
      at::arange(weak.size(1), labels.options()).eq(labels).logical_and(confident);

  ConfidenceLoss loss;
  loss.counts = targets.sum(0);
  loss.kept = loss.counts.sum();
  loss.kept_fraction = loss.kept.to(weak.scalar_type()) / weak.size(0);

  at::Tensor weights = targets.to(strong.scalar_type());  // [B,C], at most one per row
  if (balanced) {
    const at::Tensor counts = loss.counts.clamp_min(1).to(weights.scalar_type());
    weights = weights * (loss.kept / counts);  // an absent class has no row to weigh
  }
  // Every weight is 0 or at least 1, so the clamp acts only when nothing is kept.
  loss.total = -(weights * strong.log_softmax(1)).sum() / weights.sum().clamp_min(1);
  return loss;
}

}  // namespace nolabel
