#include "nolabel/cluster/head_selection.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/neighbor_table.h"

namespace nolabel {

HeadScore score_head(const at::Tensor& probabilities, const Matrix<int64_t>& neighbors,
                     const at::Tensor& log_prior) {
  NOLABEL_ASSERT(probabilities.size(0) == neighbors.rows);
  constexpr int64_t gathered = 1 << 20;  // floats [block, k+1, C] at a time: 4 MB, a cache's size
  const int64_t block =
      std::max<int64_t>(1, gathered / (neighbors.columns * probabilities.size(1)));
  const c10::NoGradGuard no_grad;
  const at::Tensor table = at::from_blob(const_cast<int64_t*>(neighbors.values.data()),
                                         {neighbors.rows, neighbors.columns}, at::kLong);
  const int64_t padding = std::ranges::count(neighbors.values, no_neighbor);
  const bool padded = padding > 0;
  NOLABEL_ASSERT(padding < std::ssize(neighbors.values));
  double sum = 0;
  for (int64_t begin = 0; begin < neighbors.rows; begin += block) {
    const int64_t rows = std::min(block, neighbors.rows - begin);
    const at::Tensor entries = table.narrow(0, begin, rows);  // [b,k+1]
    const at::Tensor indices = padded ? entries.clamp_min(0) : entries;
    const at::Tensor theirs = probabilities.index_select(0, indices.flatten())
                                  .view({rows, neighbors.columns, -1});           // [b,k+1,C]
    const at::Tensor own = probabilities.narrow(0, begin, rows).unsqueeze(2);     // [b,C,1]
    at::Tensor agreement = at::bmm(theirs, own);                                  // [b,k+1,1]
    if (padded) agreement.masked_fill_(entries.eq(no_neighbor).unsqueeze(2), 1);  // log 1 = 0
    sum -= agreement.log().clamp_min(-100).sum(at::kDouble).item<double>();
  }
  const at::Tensor mean = probabilities.mean(0).clamp_min(1e-8);
  HeadScore score;
  score.consistency = sum / static_cast<double>(std::ssize(neighbors.values) - padding);
  score.entropy = -(mean * mean.log()).sum().item<double>();
  score.total = score.consistency - score.entropy;
  if (log_prior.defined()) score.total -= (mean * log_prior).sum().item<double>();
  return score;
}

std::vector<HeadScore> score_heads(Model& model, const at::Tensor& features,
                                   const Matrix<int64_t>& neighbors, const at::Tensor& log_prior) {
  constexpr int64_t block = 4096;  // images whose logits are there at a time
  const c10::NoGradGuard no_grad;
  const int64_t images = features.size(0);
  at::Tensor probabilities = at::empty({images, model.settings().clusters}, at::kFloat);
  std::vector<HeadScore> scores;
  for (int head = 0; head < model.settings().heads; ++head) {
    for (int64_t begin = 0; begin < images; begin += block) {
      const int64_t rows = std::min(block, images - begin);
      const at::Tensor some = features.narrow(0, begin, rows).to(model.device());
      probabilities.narrow(0, begin, rows)
          .copy_(model.logits(some, head).to(at::kFloat).softmax(1));
    }
    scores.push_back(
        score_head(probabilities, neighbors, log_prior.defined() ? log_prior[head] : at::Tensor()));
  }
  return scores;
}

int best_head(const std::vector<HeadScore>& scores) {
  int best = -1;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!std::isfinite(scores[i].total)) continue;
    if (best < 0 || scores[i].total < scores[best].total) best = static_cast<int>(i);
  }
  if (best < 0) {
    fail_data("the validation objective must be finite for some head. It is for none of {}.",
              scores.size());
  }
  return best;
}

}  // namespace nolabel
