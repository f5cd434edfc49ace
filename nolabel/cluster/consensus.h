// A consensus of many clusterings: one clustering that agrees with all of them as far as a spectral
// relaxation finds, so that the result hardly depends on the luck of one random start (Strehl and
// Ghosh, "Cluster Ensembles", 2002; the spectral form of Fern and Brodley, 2004).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "nolabel/record/observer.h"

namespace nolabel {

struct ConsensusOptions {
  int clusters = 10;    // K, 1..N
  int runs = 0;         // R; 0: consensus_runs()
  int iterations = 15;  // of each run
  int threads = 1;
  uint64_t seed = 0;
};

// 32, and fewer above 64 clusters, whose runs differ less and cost more: at least 4.
int consensus_runs(int clusters);

// The consensus of R runs of spherical k-means on rows [N,d] of unit length and of clusterings that
// were found otherwise: the cluster of each image [N], 0..K-1. The same for any number of threads.
// Throws Error(Fault::stopped) on request.
std::vector<int64_t> consensus_clusters(const at::Tensor& rows, const ConsensusOptions& options,
                                        const Observer& observer,
                                        const std::vector<std::vector<int64_t>>& others = {});

// The consensus alone, of clusterings [R][N] with clusters 0..K-1 each.
std::vector<int64_t> consensus_of(const std::vector<std::vector<int64_t>>& clusterings,
                                  int clusters, uint64_t seed, const Observer& observer);

}  // namespace nolabel
