#include <ATen/ATen.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include "nolabel/base/format.h"
#include "nolabel/neighbors/approximate.h"
#include "nolabel/neighbors/faiss_plugin.h"
#include "nolabel/neighbors/search_progress.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {
namespace {

constexpr int64_t kStep = 1024;  // rows between two looks at the cancel token

// Two link lists of ints, offset, level, lock and scale of a row; a mark per thread that searches.
int64_t bytes_per_row(int links, int threads) {
  return 8 * links + 8 + 8 + 4 + 4 + 4 + threads;
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

}  // namespace

Matrix<int64_t> search_neighbor_graph(const at::Tensor& features, int links, int breadth,
                                      const SearchOptions& options, const Observer& observer) {
  const FaissFunctions& faiss = load_faiss();
  const Vectors vectors = prepare_vectors(features, options.normalise, options.threads);
  require_memory("hnsw", vectors.rows * bytes_per_row(links, options.threads), options);
  const ScaledRows rows{vectors.values, vectors.scales.data(), vectors.rows, vectors.depth};
  void* made = nullptr;
  check_faiss(faiss.make_graph(&rows, links, breadth, &made));
  const std::unique_ptr<void, void (*)(void*)> graph(made, faiss.free_graph);

  // Taken for half the way each: inserting a row and finding its neighbors.
  SearchProgress progress(
      format("hnsw search of {} images ({} links, breadth {})", vectors.rows, links, breadth),
      vectors.rows, observer);
  // faiss marks and locks all rows anew in each call, so there are at most some hundred.
  const int64_t step = std::max(kStep, vectors.rows / 200);
  for (int64_t first = 0; first < vectors.rows; first += step) {
    const int64_t count = std::min(step, vectors.rows - first);
    check_faiss(faiss.extend_graph(graph.get(), count));
    progress.update((first + count) / 2);
  }
  Matrix<int64_t> table(vectors.rows, options.count);
  std::vector<float> similarities(step * options.count);
  for (int64_t first = 0; first < vectors.rows; first += step) {
    const int64_t count = std::min(step, vectors.rows - first);
    check_faiss(faiss.search_graph(graph.get(), first, count, options.count,
                                   std::max(breadth, options.count), options.threads,
                                   table.row(first), similarities.data()));
    for (int64_t i = 0; i < count; ++i) {
      const float* row = vectors.values + (first + i) * vectors.depth;
      const float scale = vectors.scales[first + i];
      const float own = std::inner_product(row, row + vectors.depth, row, 0.0f) * scale * scale;
      put_in_order(first + i, options.count, table.row(first + i),
                   similarities.data() + i * options.count, own);
    }
    progress.update((vectors.rows + first + count) / 2);
  }
  return table;
}

}  // namespace nolabel
