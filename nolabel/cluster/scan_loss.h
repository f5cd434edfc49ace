// The clustering objective of SCAN.
#pragma once

#include <ATen/core/Tensor.h>

namespace nolabel {

struct ScanLoss {          // scalars, or [H] of several heads
  at::Tensor consistency;  // >= 0; 0 when every pair agrees with certainty
  at::Tensor entropy;      // of the mean assignment, 0 (one cluster) .. log C (evenly used)
  at::Tensor total;        // consistency - entropy_weight * entropy, unless there is a prior
};

// SCAN objective (Van Gansbeke et al. 2020, eq. 2) of each head: neighbors agree, clusters stay
// evenly used. All three are differentiable. Heads do not influence each other.
//   anchor, neighbor  logits [B,C], or [B,H,C] of H heads, fp32 or fp64; pair i is (anchor i,
//                     neighbor i)
//   log_prior         undefined, or [C] or [H,C]: the logarithms of the shares of the images that
//                     the clusters should hold. The total then has, in place of the entropy of the
//                     mean assignment p, minus its divergence from the prior π:
//                     entropy + Σ p log π. With equal shares that is the entropy up to a constant.
// With s = p_anchor · p_neighbor: consistency is the batch mean of -max(log s, -100), and its
// gradient in s is -(1-s) / max(s(1-s), 1e-12), so a pair that is certain to disagree (s = 0) has
// a finite loss and still a gradient. A cluster whose mean probability is below 1e-8 gets no
// gradient from the entropy. Host and device never wait for each other here.
ScanLoss scan_loss(const at::Tensor& anchor, const at::Tensor& neighbor, double entropy_weight,
                   const at::Tensor& log_prior = {});

}  // namespace nolabel
