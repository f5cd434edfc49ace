// Recall: the share of the true neighbors that a search finds, over a sample of images. Private to
// this folder.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "nolabel/base/npy.h"
#include "nolabel/neighbors/mine.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// A sample of images with their true neighbors, themselves left out.
struct TrueNeighbors {
  std::vector<int64_t> images;  // S, drawn without replacement
  Matrix<int64_t> neighbors;    // [S,k]
};

// What a search is tuned on and what it is measured on: different images while there are enough.
enum class RecallSample { tuning, measuring };

// By exact search of the sample alone. Throws Error(Fault::stopped) on request.
TrueNeighbors true_neighbors(const at::Tensor& features, const MiningOptions& options,
                             RecallSample sample, const Observer& observer);

// The share of row `i` of truth.neighbors that `found` holds.
double share_found(const TrueNeighbors& truth, int64_t i, const int64_t* found, int64_t count);

double mean(const std::vector<double>& shares);
// A recall that another sample will hardly fall short of: the mean less two standard errors.
double safe_mean(const std::vector<double>& shares);

}  // namespace nolabel
