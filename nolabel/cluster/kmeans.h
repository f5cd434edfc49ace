// k-means on features: the baseline that always runs beside SCAN.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "nolabel/record/observer.h"

namespace nolabel {

struct KmeansOptions {
  int clusters = 10;  // K, 1..N
  int restarts = 10;  // the one with the lowest inertia is kept
  int max_iterations = 100;
  uint64_t seed = 0;
};

struct KmeansResult {
  at::Tensor centers;                // [K,D] fp32
  std::vector<int64_t> assignments;  // [N]
  double inertia = 0;                // sum of squared distances to the assigned centers
};

// Lloyd's iterations on finite features [N,D], fp32 on the CPU, from greedy k-means++ starts
// (Arthur and Vassilvitskii, 2007): of 2 + log K candidates for each center, the one that leaves
// the least sum of squared distances is taken. A cluster that loses all its images starts again at
// the image farthest from its center, so all K are used whenever there are K different images.
// Distances to the centers are computed in blocks; beside them, one copy of the features is held. K
// > N is the caller's defect. Throws Error(Fault::stopped) on request.
KmeansResult kmeans(const at::Tensor& features, const KmeansOptions& options,
                    const Observer& observer);

// For each row of features [n,D] the center [K,D] with the smallest distance; of equally distant
// centers the first.
std::vector<int64_t> nearest_centers(const at::Tensor& features, const at::Tensor& centers);

}  // namespace nolabel
