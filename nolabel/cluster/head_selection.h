// Which head and which epoch of SCAN to keep, decided without labels.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "nolabel/base/npy.h"
#include "nolabel/model/model.h"

namespace nolabel {

struct HeadScore {
  double consistency;
  double entropy;
  double
      total;  // consistency - 1 * entropy: lower is better. The weight is 1 whatever training uses
};

// The SCAN objective of one head on validation images and their mined neighbors (docs/method.md,
// Head selection): consistency is the mean over every column of the table, the image itself
// included; -1 (neighbor_table.h) does not count.
//   probabilities  [N,C] fp32 on the CPU;  neighbors  [N,k+1], an image in each row
//   log_prior      undefined, or [C]: as scan_loss() has it; it changes the total alone
// Extra memory is bounded: rows are taken in blocks.
HeadScore score_head(const at::Tensor& probabilities, const Matrix<int64_t>& neighbors,
                     const at::Tensor& log_prior = {});

// score_head() of every head of a clustering model on features [N,D] fp32. One head at a time, and
// its logits some images at a time: beside the features there is one [N,C], however many heads.
// log_prior: undefined, or [H,C].
std::vector<HeadScore> score_heads(Model& model, const at::Tensor& features,
                                   const Matrix<int64_t>& neighbors,
                                   const at::Tensor& log_prior = {});

// The head with the lowest total; a tie goes to the first.
int best_head(const std::vector<HeadScore>& scores);

}  // namespace nolabel
