#include "nolabel/neighbors/recall.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nolabel/base/random.h"
#include "nolabel/neighbors/nearest.h"

namespace nolabel {

TrueNeighbors true_neighbors(const at::Tensor& features, const MiningOptions& options,
                             RecallSample sample, const Observer& observer) {
  const int64_t images = features.size(0);
  const int64_t count = std::min<int64_t>(images, options.recall_images);
  std::vector<int64_t> order =
      permutation(images, Random(static_cast<uint64_t>(options.seed), Purpose::sample));
  if (sample == RecallSample::tuning) std::reverse(order.begin(), order.end());
  order.resize(count);
  const SearchOptions search{.count = options.neighbors + 1,
                             .normalise = options.normalise,
                             .memory_bytes = options.memory_bytes,
                             .threads = options.threads};
  const at::Tensor rows = features.index_select(0, at::tensor(order, at::kLong));
  const Nearest nearest = find_nearest(rows, features, search, observer.silent());

  TrueNeighbors truth{std::move(order), {count, options.neighbors}};
  for (int64_t i = 0; i < count; ++i) {
    int64_t kept = 0;  // the image itself may stand anywhere, or nowhere behind its duplicates
    for (int c = 0; c <= options.neighbors && kept < options.neighbors; ++c) {
      const int64_t neighbor = nearest.indices.at(i, c);
      if (neighbor != truth.images[i]) truth.neighbors.at(i, kept++) = neighbor;
    }
  }
  return truth;
}

double share_found(const TrueNeighbors& truth, int64_t i, const int64_t* found, int64_t count) {
  const int64_t* neighbors = truth.neighbors.row(i);
  const int64_t hits = std::count_if(
      neighbors, neighbors + truth.neighbors.columns,
      [&](int64_t neighbor) { return std::find(found, found + count, neighbor) != found + count; });
  return static_cast<double>(hits) / static_cast<double>(truth.neighbors.columns);
}

double mean(const std::vector<double>& shares) {
  return std::accumulate(shares.begin(), shares.end(), 0.0) / static_cast<double>(shares.size());
}

double safe_mean(const std::vector<double>& shares) {
  const double middle = mean(shares);
  double squares = 0;
  for (const double share : shares) squares += (share - middle) * (share - middle);
  const auto count = static_cast<double>(shares.size());
  return middle - 2 * std::sqrt(squares / count / count);
}

}  // namespace nolabel
