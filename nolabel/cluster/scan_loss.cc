#include "nolabel/cluster/scan_loss.h"

#include <ATen/ATen.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// The published constants: those of PyTorch's binary cross-entropy, and the floor under a
// cluster's mean probability.
constexpr double kSmallestLog = -100;
constexpr double kSmallestDenominator = 1e-12;
constexpr double kSmallestUse = 1e-8;

// Cross-entropy of similarities [B] against 1. PyTorch's operator of that name throws at NaN (on a
// GPU it kills the context), where the training loop must get to see a loss that is not finite. So
// value and slope are computed here, and the slope is attached to a difference that is 0. Rounding
// may not carry s above 1: the slope there would be 1e5 and of the wrong sign.
at::Tensor disagreement(const at::Tensor& similarities) {
  const at::Tensor s = similarities.detach().clamp_max(1);
  const at::Tensor value = -s.log().clamp_min(kSmallestLog);
  const at::Tensor slope = -(1 - s) / (s * (1 - s)).clamp_min(kSmallestDenominator);
  return value + slope * (similarities - similarities.detach());
}

}  // namespace

ScanLoss scan_loss(const at::Tensor& anchor, const at::Tensor& neighbor, double entropy_weight) {
  NOLABEL_ASSERT(anchor.dim() == 2 && anchor.size(0) >= 1 && anchor.sizes() == neighbor.sizes());
  const at::Tensor anchor_probabilities = anchor.softmax(1);                            // [B,C]
  const at::Tensor similarities = (anchor_probabilities * neighbor.softmax(1)).sum(1);  // [B]
  const at::Tensor use = anchor_probabilities.mean(0).clamp_min(kSmallestUse);          // [C]

  ScanLoss loss;
  loss.consistency = disagreement(similarities).mean();
  loss.entropy = -(use * use.log()).sum();
  loss.total = loss.consistency - entropy_weight * loss.entropy;
  return loss;
}

}  // namespace nolabel
