// The contrastive objective of the pretext step: two views of an image attract each other, all
// other images of the batch repel.
#pragma once

#include <ATen/core/Tensor.h>

namespace nolabel {

struct SimclrLoss {
  at::Tensor total;                // scalar, differentiable
  at::Tensor positive_similarity;  // scalar without gradient: mean inner product of the two views
};

// Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations" (2020), eq.
// 1:
//   mean over the anchors i of -log( exp(a_i·pos/τ) / Σ_{j≠i} exp(a_i·j/τ) )
// over all 2B embeddings of the batch. SCAN's published pretext takes only view 0 of each image as
// anchor; `symmetric` takes both views, as the SimCLR paper does.
//   embeddings   [B,2,E], unit length, fp32 or fp64
//   temperature  τ > 0
// A batch of one image has no negatives: loss and gradient are 0. Host and device never wait for
// each other here (safe inside a captured CUDA graph).
SimclrLoss simclr_loss(const at::Tensor& embeddings, double temperature, bool symmetric);

}  // namespace nolabel
