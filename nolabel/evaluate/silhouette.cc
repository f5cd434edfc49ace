#include <algorithm>
#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/base/threads.h"
#include "nolabel/evaluate/cluster_statistics.h"

namespace nolabel {
namespace {

// Squared Euclidean distance. Eight partial sums let the compiler use vector registers without
// reordering anything it was not told to.
float squared_distance(const float* a, const float* b, int64_t n) {
  float sums[8] = {};
  int64_t d = 0;
  for (; d + 8 <= n; d += 8) {
    for (int l = 0; l < 8; ++l) sums[l] += (a[d + l] - b[d + l]) * (a[d + l] - b[d + l]);
  }
  for (; d < n; ++d) sums[0] += (a[d] - b[d]) * (a[d] - b[d]);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

// (b - a) / max(a, b): a the mean distance to the own cluster's others, b to the nearest other
// cluster.
//   distance_sums [K] to the images of each cluster, sizes [K]
double silhouette_of(int own, const std::vector<double>& distance_sums,
                     const std::vector<int64_t>& sizes) {
  if (sizes[own] == 1) return 0;
  const double inside = distance_sums[own] / static_cast<double>(sizes[own] - 1);
  double outside = INFINITY;
  for (size_t k = 0; k < sizes.size(); ++k) {
    if (static_cast<int>(k) == own || sizes[k] == 0) continue;
    outside = std::min(outside, distance_sums[k] / static_cast<double>(sizes[k]));
  }
  const double larger = std::max(inside, outside);
  return larger > 0 ? (outside - inside) / larger : 0;  // 0: all these images coincide
}

}  // namespace

std::optional<double> silhouette(std::span<const int> clusters, const Matrix<float>& features,
                                 const SilhouetteSample& sample) {
  const auto images = static_cast<int64_t>(clusters.size());
  if (features.rows != images) {
    fail_data("features must have a row for each of the {} images. Received {} rows.", images,
              features.rows);
  }
  std::vector<int64_t> chosen = permutation(images, Random(sample.seed, Purpose::sample));
  chosen.resize(std::min(images, sample.images));
  const auto count = static_cast<int64_t>(chosen.size());

  std::vector<int64_t> sizes;
  for (int64_t i : chosen) {
    sizes.resize(std::max<size_t>(sizes.size(), clusters[i] + 1));
    ++sizes[clusters[i]];
  }
  const int64_t used = static_cast<int64_t>(sizes.size()) - std::ranges::count(sizes, 0);
  if (used < 2 || used > count - 1) return std::nullopt;

  std::vector<double> values(count);
  parallel_for(count, sample.threads, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      std::vector<double> distance_sums(sizes.size());
      for (int64_t j : chosen) {
        distance_sums[clusters[j]] += std::sqrt(static_cast<double>(
            squared_distance(features.row(chosen[i]), features.row(j), features.columns)));
      }
      values[i] = silhouette_of(clusters[chosen[i]], distance_sums, sizes);
    }
  });
  double sum = 0;
  for (double v : values) sum += v;
  return sum / static_cast<double>(count);
}

}  // namespace nolabel
