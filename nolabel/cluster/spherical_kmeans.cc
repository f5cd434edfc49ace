#include "nolabel/cluster/spherical_kmeans.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "nolabel/base/error.h"
#include "nolabel/model/model.h"

namespace nolabel {
namespace {

// Images whose similarities to all centers are held at once.
constexpr int64_t kRowsAtATime = 4096;

struct Similar {
  std::vector<int64_t> clusters;    // [N] the most similar center
  std::vector<float> similarities;  // [N] to it
};

void find_similar(const at::Tensor& rows, const at::Tensor& centers, Similar& similar) {
  const int64_t images = rows.size(0);
  const at::Tensor columns = centers.t();
  for (int64_t first = 0; first < images; first += kRowsAtATime) {
    const int64_t count = std::min(kRowsAtATime, images - first);
    const auto [largest, cluster] = rows.narrow(0, first, count).matmul(columns).max(1);
    std::copy_n(cluster.const_data_ptr<int64_t>(), count, similar.clusters.begin() + first);
    std::copy_n(largest.const_data_ptr<float>(), count, similar.similarities.begin() + first);
  }
}

at::Tensor different_images(const at::Tensor& rows, int clusters, Random& random) {
  std::vector<int64_t> drawn;
  std::unordered_set<int64_t> seen;
  while (std::ssize(drawn) < clusters) {
    const auto image = static_cast<int64_t>(random.below(rows.size(0)));
    if (seen.insert(image).second) drawn.push_back(image);
  }
  return rows.index_select(0, at::tensor(drawn, at::kLong));
}

at::Tensor directions_of(const at::Tensor& rows, const Similar& similar, int64_t clusters) {
  const int64_t images = rows.size(0), depth = rows.size(1);
  at::Tensor sums = at::zeros({clusters, depth}, at::kFloat);
  const float* values = rows.const_data_ptr<float>();
  float* sum = sums.mutable_data_ptr<float>();
  std::vector<int64_t> sizes(clusters, 0);
  for (int64_t i = 0; i < images; ++i) {
    const int64_t cluster = similar.clusters[i];
    for (int64_t d = 0; d < depth; ++d) sum[cluster * depth + d] += values[i * depth + d];
    ++sizes[cluster];
  }
  const auto empty = std::ranges::count(sizes, 0);
  if (empty > 0) {
    std::vector<int64_t> order(images);
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, {}, [&](int64_t i) { return similar.similarities[i]; });
    int64_t next = 0;
    for (int64_t cluster = 0; cluster < clusters; ++cluster) {
      if (sizes[cluster] == 0) sums[cluster].copy_(rows[order[next++]]);
    }
  }
  return unit_rows(sums);
}

}  // namespace

std::vector<int64_t> spherical_kmeans(const at::Tensor& rows, int clusters, int iterations,
                                      Random random, const Observer& observer) {
  NOLABEL_ASSERT(rows.dim() == 2 && rows.scalar_type() == at::kFloat && rows.is_contiguous());
  NOLABEL_ASSERT(clusters >= 1 && clusters <= rows.size(0));
  const c10::NoGradGuard no_grad;
  at::Tensor centers = different_images(rows, clusters, random);
  Similar similar{std::vector<int64_t>(rows.size(0), -1), std::vector<float>(rows.size(0))};
  for (int iteration = 0; iteration < iterations; ++iteration) {
    observer.stop_if_requested();
    const std::vector<int64_t> before = similar.clusters;
    find_similar(rows, centers, similar);
    if (similar.clusters == before) break;
    centers = directions_of(rows, similar, clusters);
  }
  find_similar(rows, centers, similar);
  return similar.clusters;
}

}  // namespace nolabel
