// Approximate nearest neighbors of each row among all rows, with faiss (faiss_plugin.h). Private to
// this folder; mine.h is the way in.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "nolabel/base/npy.h"
#include "nolabel/neighbors/nearest.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// Both return the indices [N, count] of the largest inner products found, best first, equal ones by
// index. A row finds itself unless more than count - 1 others score as high. One that finds fewer
// than `count` ends with -1. The result depends on neither threads nor memory, but for the
// centroids: LibTorch's matrix product and faiss's sums depend on the number of threads in the last
// bit, and the sample on the memory. They plan for no more than options.memory_bytes beside
// features and result, faiss's own working memory apart, and throw Error(Fault::usage) when that
// cannot be; Error(Fault::stopped) on request.

// IVF: k-means on a sample (faiss) divides the space into `lists`; a row is compared with the
// members of the `probes` lists whose centroids are nearest to it, by the kernel of exact search.
Matrix<int64_t> search_inverted_lists(const at::Tensor& features, int lists, int probes, int seed,
                                      const SearchOptions& options, const Observer& observer);

// HNSW: a graph of `links` neighbors a row (twice as many on its lowest level), built and searched
// by faiss; `breadth` candidates are kept while searching, and while inserting.
Matrix<int64_t> search_neighbor_graph(const at::Tensor& features, int links, int breadth,
                                      const SearchOptions& options, const Observer& observer);

// Throws Error(Fault::usage) when `needed` bytes are more than the search may take.
void require_memory(const char* search, int64_t needed, const SearchOptions& options);

}  // namespace nolabel
