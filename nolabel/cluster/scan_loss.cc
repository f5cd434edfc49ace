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

// Cross-entropy of similarities against 1, element by element. PyTorch's operator of that name
// throws at NaN (on a GPU it kills the context), where the training loop must get to see a loss
// that is not finite. So value and slope are computed here, and the slope is attached to a
// difference that is 0. Rounding may not carry s above 1: the slope there would be 1e5 and of the
// wrong sign.
at::Tensor disagreement(const at::Tensor& similarities) {
  const at::Tensor s = similarities.detach().clamp_max(1);
  const at::Tensor value = -s.log().clamp_min(kSmallestLog);
  const at::Tensor slope = -(1 - s) / (s * (1 - s)).clamp_min(kSmallestDenominator);
  return value + slope * (similarities - similarities.detach());
}

}  // namespace

ScanLoss scan_loss(const at::Tensor& anchor, const at::Tensor& neighbor, double entropy_weight,
                   const at::Tensor& log_prior) {
  NOLABEL_ASSERT(anchor.dim() == 2 || anchor.dim() == 3);
  NOLABEL_ASSERT(anchor.size(0) >= 1 && anchor.sizes() == neighbor.sizes());
  const at::Tensor anchor_probabilities = anchor.softmax(-1);  // [B,(H,)C]
  const at::Tensor similarities = (anchor_probabilities * neighbor.softmax(-1)).sum(-1);  // [B(,H)]
  const at::Tensor use = anchor_probabilities.mean(0).clamp_min(kSmallestUse);            // [(H,)C]

  ScanLoss loss;
  loss.consistency = disagreement(similarities).mean(0);
  loss.entropy = -(use * use.log()).sum(-1);
  at::Tensor evenness = loss.entropy;
  if (log_prior.defined()) evenness = evenness + (use * log_prior).sum(-1);
  loss.total = loss.consistency - entropy_weight * evenness;
  return loss;
}

}  // namespace nolabel
