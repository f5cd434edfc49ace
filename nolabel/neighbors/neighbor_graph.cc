#include <ATen/ATen.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "nolabel/base/format.h"
#include "nolabel/neighbors/approximate.h"
#include "nolabel/neighbors/faiss_plugin.h"
#include "nolabel/neighbors/recall.h"
#include "nolabel/neighbors/search_progress.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {
namespace {

constexpr int64_t kStep = 1024;  // rows between two looks at the cancel token

// Two link lists of ints, offset, level, lock, order and scale of a row; a mark per thread that
// searches.
int64_t bytes_per_row(int links, int threads) {
  return 8 * links + 8 + 8 + 4 + 4 + 4 + threads + 4;
}

// Best first, equal similarities by index, with the row itself in place of the worst if it is
// missing; -1 (nothing found) last.
void put_in_order(int64_t row, int64_t count, int64_t* indices, const float* similarities,
                  float own) {
  std::vector<std::pair<float, int64_t>> matches;  // (-similarity, index)
  bool found = false;
  for (int64_t i = 0; i < count && indices[i] >= 0; ++i) {
    found |= indices[i] == row;
    matches.push_back({-similarities[i], indices[i]});
  }
  if (!found) {
    if (static_cast<int64_t>(matches.size()) == count) matches.pop_back();
    matches.push_back({-own, row});
  }
  std::sort(matches.begin(), matches.end());
  std::fill_n(indices, count, -1);
  for (size_t i = 0; i < matches.size(); ++i) indices[i] = matches[i].second;
}

// A graph over all rows, and searches in it.
class NeighborGraph {
 public:
  NeighborGraph(const Vectors& vectors, const MiningOptions& plan)
      : vectors_(vectors),
        plan_(plan),
        rows_{vectors.values, vectors.scales.data(), vectors.rows, vectors.depth},
        graph_(nullptr, faiss_.free_graph) {
    void* made = nullptr;
    check_faiss(faiss_.make_graph(&rows_, plan.links, plan.build_breadth, &made));
    graph_.reset(made);
  }

  void extend(int64_t count) {
    const int threads = plan_.parallel_build ? plan_.threads : 1;
    check_faiss(faiss_.extend_graph(graph_.get(), count, threads));
  }

  // The neighbors of the rows that `queries` names, [queries, k+1].
  void search(std::span<const int64_t> queries, int breadth, int64_t* indices) {
    const int wanted = plan_.neighbors + 1;
    const auto count = static_cast<int64_t>(queries.size());
    similarities_.resize(count * wanted);
    check_faiss(faiss_.search_graph(graph_.get(), queries.data(), count, wanted,
                                    std::max(breadth, wanted), plan_.threads, indices,
                                    similarities_.data()));
    for (int64_t i = 0; i < count; ++i) {
      const float* row = vectors_.values + queries[i] * vectors_.depth;
      const float scale = vectors_.scales[queries[i]];
      const float own = std::inner_product(row, row + vectors_.depth, row, 0.0f) * scale * scale;
      put_in_order(queries[i], wanted, indices + i * wanted, similarities_.data() + i * wanted,
                   own);
    }
  }

 private:
  const FaissFunctions& faiss_ = load_faiss();
  const Vectors& vectors_;
  const MiningOptions& plan_;
  const ScaledRows rows_;
  std::unique_ptr<void, void (*)(void*)> graph_;
  std::vector<float> similarities_;
};

double recall_of(NeighborGraph& graph, const TrueNeighbors& truth, int breadth,
                 const Observer& observer) {
  constexpr size_t at_a_time = 100;  // between two looks at the cancel token; enough for threads
  const int64_t wanted = truth.neighbors.columns + 1;
  std::vector<int64_t> found(at_a_time * wanted);
  std::vector<double> shares;
  for (size_t first = 0; first < truth.images.size(); first += at_a_time) {
    observer.stop_if_requested();
    const size_t count = std::min(at_a_time, truth.images.size() - first);
    graph.search({truth.images.data() + first, count}, breadth, found.data());
    for (size_t i = 0; i < count; ++i) {
      shares.push_back(
          share_found(truth, static_cast<int64_t>(first + i), found.data() + i * wanted, wanted));
    }
  }
  return safe_mean(shares);
}

// The smallest breadth, within 10 %, that finds the wanted recall; the largest that is tried when
// none does.
int choose_breadth(NeighborGraph& graph, const TrueNeighbors& truth, const MiningOptions& plan,
                   const Observer& observer) {
  constexpr int largest = 4096;
  const auto finds = [&](int breadth) {
    return recall_of(graph, truth, breadth, observer) >= plan.recall;
  };
  int high = plan.neighbors + 1, low = high;
  while (!finds(high)) {
    if (high >= largest) {
      observer.warn(
          format("mine: this graph does not find {:.3g} of the neighbors: raise hnsw_links or "
                 "hnsw_build_breadth",
                 plan.recall));
      return high;
    }
    low = high;
    high = std::min(2 * high, largest);
  }
  while (high - low > std::max(low / 10, 1)) {
    const int middle = (low + high) / 2;
    (finds(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace

ApproximateTable search_neighbor_graph(const at::Tensor& features, const MiningOptions& plan,
                                       const Observer& observer) {
  load_faiss();
  const Vectors vectors = prepare_vectors(features, plan.normalise, plan.threads);
  require_memory("hnsw", vectors.rows * bytes_per_row(plan.links, plan.threads), plan);
  NeighborGraph graph(vectors, plan);

  // Taken for half the way each: inserting a row and finding its neighbors.
  SearchProgress progress(format("hnsw search of {} images ({} links)", vectors.rows, plan.links),
                          vectors.rows, observer);
  // faiss marks and locks all rows anew in each call, so there are at most some hundred.
  const int64_t step = std::max(kStep, vectors.rows / 200);
  for (int64_t first = 0; first < vectors.rows; first += step) {
    const int64_t count = std::min(step, vectors.rows - first);
    graph.extend(count);
    progress.update((first + count) / 2);
  }
  ApproximateTable result{{vectors.rows, plan.neighbors + 1}, plan.breadth};
  if (result.effort == 0) {
    result.effort = choose_breadth(
        graph, true_neighbors(features, plan, RecallSample::tuning, observer), plan, observer);
  }
  for (int64_t first = 0; first < vectors.rows; first += step) {
    const int64_t count = std::min(step, vectors.rows - first);
    std::vector<int64_t> queries(count);
    std::iota(queries.begin(), queries.end(), first);
    graph.search(queries, result.effort, result.indices.row(first));
    progress.update((vectors.rows + first + count) / 2);
  }
  return result;
}

}  // namespace nolabel
