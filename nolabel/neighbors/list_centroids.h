// The centroids that divide the rows of a search into lists. Private to this folder.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "nolabel/neighbors/vectors.h"

namespace nolabel {

// Rows that k-means learns from: so many per list, but no more than fit into 256 MB.
int64_t centroid_sample(int64_t rows, int64_t depth, int lists);

// Bytes that training takes: the sample and its nearest centroids, a block of products (faiss: up
// to 16 MB), and thrice the centroids (ours, faiss's, and faiss's index of them).
int64_t centroid_bytes(int64_t rows, int64_t depth, int lists);

// Inner products that training takes, for progress.
double centroid_products(int64_t rows, int64_t depth, int lists);

// [lists, depth], unit length: spherical k-means (faiss) on a sample drawn with the seed.
// `progress` is told the products done since the last time.
at::Tensor train_centroids(const Vectors& vectors, int lists, int seed, int threads,
                           const std::function<void(double)>& progress);

}  // namespace nolabel
