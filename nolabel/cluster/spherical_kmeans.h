// Spherical k-means: clusters of directions. An image belongs to the center with which it has the
// largest inner product, and a center is the direction of the sum of its images (Dhillon and Modha,
// 2001).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "nolabel/base/random.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// One run on rows [N,d] of unit length, fp32 on the CPU, from `clusters` different images drawn by
// `random` as centers: at most `iterations` iterations, fewer when no image changes its cluster. A
// cluster that loses all its images starts again at the image that is least similar to its center.
// Returns the cluster of each image [N]. 1 <= clusters <= N is the caller's duty. Sums are taken in
// the order of the images. Throws Error(Fault::stopped) on request.
std::vector<int64_t> spherical_kmeans(const at::Tensor& rows, int clusters, int iterations,
                                      Random random, const Observer& observer);

}  // namespace nolabel
