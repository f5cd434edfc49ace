#include "nolabel/neighbors/mine.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/neighbors/approximate.h"
#include "nolabel/neighbors/nearest.h"

namespace nolabel {
namespace {

SearchOptions search_options(const MiningOptions& options) {
  return {.count = options.neighbors + 1,
          .normalise = options.normalise,
          .memory_bytes = options.memory_bytes,
          .threads = options.threads};
}

Nearest exact_of(const at::Tensor& features, const std::vector<int64_t>& rows,
                 const MiningOptions& options, const Observer& observer) {
  const at::Tensor index = at::tensor(rows, at::kLong);
  return find_nearest(features.index_select(0, index), features, search_options(options),
                      observer.silent());
}

// Rows whose lists or whose part of the graph hold too few are searched exactly, some at a time.
void complete(Matrix<int64_t>& table, const at::Tensor& features, const MiningOptions& options,
              const Observer& observer) {
  constexpr size_t at_a_time = 1000;
  std::vector<int64_t> rows;
  for (int64_t i = 0; i <= table.rows; ++i) {
    if (i < table.rows && table.at(i, table.columns - 1) < 0) rows.push_back(i);
    if (rows.size() < at_a_time && (i < table.rows || rows.empty())) continue;
    const Nearest nearest = exact_of(features, rows, options, observer);
    for (size_t r = 0; r < rows.size(); ++r) {
      std::copy_n(nearest.indices.row(static_cast<int64_t>(r)), table.columns, table.row(rows[r]));
    }
    rows.clear();
  }
}

double measure_recall(const Matrix<int64_t>& table, const at::Tensor& features,
                      const MiningOptions& options, const Observer& observer) {
  std::vector<int64_t> rows =
      permutation(table.rows, Random(static_cast<uint64_t>(options.seed), Purpose::sample));
  rows.resize(std::min<int64_t>(table.rows, options.recall_images));
  const Nearest exact = exact_of(features, rows, options, observer);
  int64_t true_neighbors = 0, found = 0;
  for (size_t r = 0; r < rows.size(); ++r) {
    const int64_t* mined = table.row(rows[r]);
    for (int64_t c = 0; c < table.columns; ++c) {
      const int64_t neighbor = exact.indices.at(static_cast<int64_t>(r), c);
      if (neighbor == rows[r]) continue;
      ++true_neighbors;
      found += std::find(mined, mined + table.columns, neighbor) != mined + table.columns;
    }
  }
  return static_cast<double>(found) / static_cast<double>(true_neighbors);
}

int within(const char* name, int value, int64_t low, int64_t high) {
  if (value < low || value > high) {
    fail_usage("{} must be {}..{}. Received {}.", name, low, high, value);
  }
  return value;
}

}  // namespace

void require_memory(const char* search, int64_t needed, const SearchOptions& options) {
  if (needed <= options.memory_bytes) return;
  const auto megabytes = [](int64_t bytes) { return (bytes + (1 << 20) - 1) >> 20; };
  fail_usage("{} search needs {} MB beside the features. It may take {}.", search,
             megabytes(needed), options.memory_bytes >> 20);
}

MiningOptions plan_mining(const MiningOptions& options, int64_t images) {
  if (images < 2) fail_usage("mining must have 2 images or more. Received {}.", images);
  if (options.neighbors < 1 || options.neighbors >= images) {
    fail_usage("the number of neighbors must be 1..{} for {} images. Received {}.", images - 1,
               images, options.neighbors);
  }
  MiningOptions plan = options;
  if (options.search == Search::ivf) {
    const auto chosen = static_cast<int>(2 * std::sqrt(static_cast<double>(images)));
    if (plan.lists == 0) plan.lists = std::clamp<int>(chosen, 1, static_cast<int>(images / 2));
    within("lists", plan.lists, 1, images);
    if (plan.probes == 0) plan.probes = std::min(16, plan.lists);
    within("probes", plan.probes, 1, plan.lists);
  } else if (options.search == Search::hnsw) {
    if (plan.links == 0) plan.links = 16;
    within("links", plan.links, 2, 512);
    if (plan.breadth == 0) plan.breadth = 64;
    within("breadth", plan.breadth, 1, 100000);
  }
  return plan;
}

MinedNeighbors mine_neighbors(const at::Tensor& features, const MiningOptions& options,
                              const Observer& observer) {
  const MiningOptions plan = plan_mining(options, features.size(0));
  const SearchOptions search = search_options(plan);
  const at::Tensor rows = features.contiguous();
  MinedNeighbors mined;
  switch (plan.search) {
    case Search::exact:
      mined.table = find_nearest_to_each_other(rows, search, observer).indices;
      return mined;
    case Search::ivf:
      mined.table =
          search_inverted_lists(rows, plan.lists, plan.probes, plan.seed, search, observer);
      break;
    case Search::hnsw:
      mined.table = search_neighbor_graph(rows, plan.links, plan.breadth, search, observer);
      break;
  }
  complete(mined.table, rows, plan, observer);
  mined.recall = measure_recall(mined.table, rows, plan, observer);
  return mined;
}

}  // namespace nolabel
