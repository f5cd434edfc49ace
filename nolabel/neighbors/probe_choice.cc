#include "nolabel/neighbors/probe_choice.h"

#include <ATen/ATen.h>

namespace nolabel {

Probing choose_probes(const at::Tensor& features, const at::Tensor& centroids,
                      const std::vector<uint32_t>& own, const std::vector<int64_t>& sizes,
                      const TrueNeighbors& truth, const MiningOptions& plan) {
  const auto lists = static_cast<int64_t>(sizes.size());
  const auto queries = static_cast<int64_t>(truth.images.size());
  std::vector<std::vector<int64_t>> found(lists);  // by rank: a query for each neighbor found there
  std::vector<double> scanned(lists);              // by rank: rows, over all queries
  std::vector<int64_t> rank(lists);
  for (int64_t q = 0; q < queries; ++q) {
    const at::Tensor similarity = at::mv(centroids, features[truth.images[q]]);
    const at::Tensor order = at::argsort(similarity, /*stable=*/true, 0, /*descending=*/true);
    const int64_t* nearest = order.const_data_ptr<int64_t>();
    for (int64_t r = 0; r < lists; ++r) {
      rank[nearest[r]] = r;
      scanned[r] += static_cast<double>(sizes[nearest[r]]);
    }
    for (int64_t c = 0; c < truth.neighbors.columns; ++c) {
      found[rank[own[truth.neighbors.at(q, c)]]].push_back(q);
    }
  }
  std::vector<double> shares(queries);
  Probing probing{0, 0};
  for (int64_t r = 0; r < lists; ++r) {
    for (const int64_t q : found[r]) {
      shares[q] += 1 / static_cast<double>(truth.neighbors.columns);
    }
    ++probing.probes;
    probing.scanned += scanned[r] / static_cast<double>(queries);
    constexpr double rounding = 1e-9;  // of a recall of 1
    if (safe_mean(shares) >= plan.recall - rounding) break;
  }
  return probing;
}

Probing given_probes(const std::vector<int64_t>& sizes, int probes) {
  double rows = 0, squares = 0;
  for (const int64_t size : sizes) {
    rows += static_cast<double>(size);
    squares += static_cast<double>(size) * static_cast<double>(size);
  }
  return {probes, squares / rows + (probes - 1) * rows / static_cast<double>(sizes.size())};
}

}  // namespace nolabel
