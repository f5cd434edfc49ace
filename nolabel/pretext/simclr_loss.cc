#include "nolabel/pretext/simclr_loss.h"

#include <ATen/ATen.h>

#include <limits>

#include "nolabel/base/error.h"

namespace nolabel {

SimclrLoss simclr_loss(const at::Tensor& embeddings, double temperature, bool symmetric) {
  NOLABEL_ASSERT(embeddings.dim() == 3 && embeddings.size(0) >= 1 && embeddings.size(1) == 2);
  NOLABEL_ASSERT(temperature > 0);
  const int64_t batch = embeddings.size(0);
  const int64_t anchor_count = symmetric ? 2 * batch : batch;

  const at::Tensor all = embeddings.transpose(0, 1).reshape({2 * batch, -1});      // [2B,E] by view
  const at::Tensor anchors = all.narrow(0, 0, anchor_count);                       // [A,E]
  const at::Tensor similarities = anchors.matmul(all.t());                         // [A,2B]
  at::Tensor positives = similarities.diagonal(batch);                             // [B]
  if (symmetric) positives = at::cat({positives, similarities.diagonal(-batch)});  // [2B]

  const at::Tensor self = at::eye(anchor_count, 2 * batch, similarities.options().dtype(at::kBool));
  const at::Tensor logits =
      (similarities / temperature).masked_fill(self, -std::numeric_limits<double>::infinity());
  const at::Tensor losses = at::logsumexp(logits, 1) - positives / temperature;  // [A]
  return {losses.mean(), positives.detach().mean()};
}

}  // namespace nolabel
