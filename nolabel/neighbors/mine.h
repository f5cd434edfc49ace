// Mining: the nearest neighbors of every image in feature space, the input of the SCAN step.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "nolabel/base/npy.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct MiningOptions {
  int neighbors = 20;  // k: without the image itself
  bool normalise = true;
  int64_t memory_bytes = int64_t{512} << 20;  // extra memory, see nearest.h
  int threads = 1;
};

// The neighbor table [N,k+1] of features [N,D] (fp32, CPU): for each image the k+1 images with the
// largest inner product, exact, ties to the lower index. The image itself normally stands first;
// an exact duplicate may stand before it.
// Throws Error(Fault::usage) when there are fewer than k+1 images, Error(Fault::data) for features
// that are not finite, Error(Fault::stopped) on request.
Matrix<int64_t> mine_neighbors(const at::Tensor& features, const MiningOptions& options,
                               const Observer& observer);

}  // namespace nolabel
