// Exact nearest neighbors by inner product, blocked.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>

#include "nolabel/base/npy.h"
#include "nolabel/group/group.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct SearchOptions {
  int count = 21;         // matches per row, 1..database size
  bool normalise = true;  // rows are scaled to unit length first (eps 1e-12): cosine similarity
  // Bound of the extra memory beside the inputs and the result. Below what one block needs (a few
  // MB per thread), one block is used.
  int64_t memory_bytes = int64_t{512} << 20;
  int threads = 1;
  bool similarities = true;  // false: only the indices are wanted
  std::string advice{};      // shown with an estimate of more than a quarter of an hour
  // Whose processes search together: see group_search.h and group_queries.h.
  std::shared_ptr<Group> group = single_process();
};

struct Nearest {
  Matrix<int64_t> indices;     // [Q, count], best first; equal similarities: lower index first
  Matrix<float> similarities;  // [Q, count], or empty
};

// How an exact search is cut: all that it holds beside the inputs and the result is known before it
// begins, whatever the number of images.
struct SearchPlan {
  int64_t rows_per_band;  // rows whose candidates are in memory at once
  int64_t bands;          // passes over the database; with one, each pair is multiplied once
  int64_t memory_bytes;   // candidates, packed blocks of each thread, a factor for each row
};

// For `images` rows [D] that are compared with each other.
SearchPlan plan_search(int64_t images, int64_t dimensions, const SearchOptions& options);

// For each row of queries [Q,D] the best rows of database [N,D]; both contiguous fp32 on the CPU.
// The result does not depend on threads or memory, nor on the number of processes, if their
// processors have the same instructions (product_kernel.h). Throws Error(Fault::usage) when the
// shapes or `count` do not fit, Error(Fault::data) when a value is not finite or too large to be
// squared, and Error(Fault::stopped) on request. Reports progress in images.
Nearest find_nearest(const at::Tensor& queries, const at::Tensor& database,
                     const SearchOptions& options, const Observer& observer);

// The same with queries = database, where each pair of rows is multiplied only once: half the work,
// as long as the candidates of all rows fit into the memory (16 (count + 10) bytes each).
Nearest find_nearest_to_each_other(const at::Tensor& features, const SearchOptions& options,
                                   const Observer& observer);

}  // namespace nolabel
