#include "nolabel/neighbors/mine.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/approximate.h"
#include "nolabel/neighbors/faiss_plugin.h"
#include "nolabel/neighbors/nearest.h"
#include "nolabel/neighbors/recall.h"

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
  const TrueNeighbors truth = true_neighbors(features, options, RecallSample::measuring, observer);
  std::vector<double> shares;
  for (size_t i = 0; i < truth.images.size(); ++i) {
    const int64_t* mined = table.row(truth.images[i]);
    shares.push_back(share_found(truth, static_cast<int64_t>(i), mined, table.columns));
  }
  return mean(shares);
}

int within(const char* name, int value, int64_t low, int64_t high) {
  if (value < low || value > high) {
    fail_usage("{} must be {}..{}. Received {}.", name, low, high, value);
  }
  return value;
}

}  // namespace

void require_memory(const char* search, int64_t needed, const MiningOptions& plan) {
  if (needed <= plan.memory_bytes) return;
  const auto megabytes = [](int64_t bytes) { return (bytes + (1 << 20) - 1) >> 20; };
  fail_usage(
      "{} search needs {} MB beside the features, but mining_memory is {}. Raise mining_memory, or "
      "use another search.",
      search, megabytes(needed), plan.memory_bytes >> 20);
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
    within("ivf_lists", plan.lists, 1, images);
    within("ivf_probes", plan.probes, 0, plan.lists);
  } else if (options.search == Search::hnsw) {
    if (plan.links == 0) plan.links = 16;
    within("hnsw_links", plan.links, 2, 512);
    if (plan.build_breadth == 0) plan.build_breadth = 64;
    within("hnsw_build_breadth", plan.build_breadth, 1, 100000);
    within("hnsw_breadth", plan.breadth, 0, 100000);
  }
  return plan;
}

MinedNeighbors mine_neighbors(const at::Tensor& features, const MiningOptions& options,
                              const Observer& observer) {
  const MiningOptions plan = plan_mining(options, features.size(0));
  const at::Tensor rows = features.contiguous();
  const auto exact = [&] {
    SearchOptions search = search_options(plan);
    search.similarities = false;
    search.advice = plan.advice;
    search.group = plan.group;
    return find_nearest_to_each_other(rows, search, observer).indices;
  };
  if (plan.search == Search::exact) return {exact(), std::nullopt, std::nullopt};
  auto [table, effort] = plan.search == Search::ivf ? search_inverted_lists(rows, plan, observer)
                                                    : search_neighbor_graph(rows, plan, observer);
  if (table.rows == 0) {
    observer.note(format("mine: a recall of {:.3g} takes {} of {} lists: exact search is less work",
                         plan.recall, effort, plan.lists));
    return {exact(), 1.0, 0};
  }
  complete(table, rows, plan, observer);
  const double recall = measure_recall(table, rows, plan, observer);
  return {std::move(table), recall, effort};
}

bool has_approximate_search() {
  return faiss_exists();
}

void require_approximate_search() {
  load_faiss();
}

}  // namespace nolabel
