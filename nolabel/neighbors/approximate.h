// Approximate nearest neighbors of each row among all rows, with faiss (faiss_plugin.h). Private to
// this folder; mine.h is the way in.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "nolabel/base/npy.h"
#include "nolabel/neighbors/mine.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct ApproximateTable {
  // [N,k+1]: the largest inner products found, best first, equal ones by index. A row that finds
  // fewer than k+1 ends with -1. Empty: exact search is less work.
  Matrix<int64_t> indices;
  int effort = 0;  // the probes or the breadth that it took
};

// Both take features [N,D] and a plan of plan_mining(). A row finds itself unless more than k
// others score as high. The result depends on neither threads nor memory, but for
// MiningOptions::parallel_build, and for the last bits of faiss's sums, which depend on the threads
// and decide where two lists are equally near. They plan for no more than plan.memory_bytes beside
// features and result, and throw Error(Fault::usage) before any work when that cannot be;
// Error(Fault::stopped) on request.

// IVF: k-means on a sample (faiss) divides the space into lists; a row is compared with the members
// of the lists whose centroids are nearest to it, by the kernel of exact search. How many lists the
// wanted recall takes is read off a sample: the rank of a true neighbor's list is the number of
// probes that finds it.
ApproximateTable search_inverted_lists(const at::Tensor& features, const MiningOptions& plan,
                                       const Observer& observer);

// HNSW: a graph of `links` neighbors a row (twice as many on its lowest level), built and searched
// by faiss. The breadth that the wanted recall takes is found by searching for a sample.
ApproximateTable search_neighbor_graph(const at::Tensor& features, const MiningOptions& plan,
                                       const Observer& observer);

// Throws Error(Fault::usage) when `needed` bytes are more than the search may take.
void require_memory(const char* search, int64_t needed, const MiningOptions& plan);

}  // namespace nolabel
