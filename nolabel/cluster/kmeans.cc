#include "nolabel/cluster/kmeans.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"

namespace nolabel {
namespace {

// Images whose distances to all centers are held at once.
constexpr int64_t kBlock = 4096;
// Lloyd's iterations end when the centers move less than this share of the features' mean variance
// (scikit-learn's default).
constexpr double kTolerance = 1e-4;

struct Assigned {
  at::Tensor clusters;   // [N] int64
  at::Tensor distances;  // [N] squared, to the assigned center
};

// |x - c|² = |x|² - 2 x·c + |c|²: a matrix product per block. Ties go to the lower cluster.
Assigned assign(const at::Tensor& features, const at::Tensor& centers) {
  const int64_t images = features.size(0);
  Assigned assigned{at::empty({images}, at::kLong), at::empty({images}, at::kFloat)};
  const at::Tensor center_squares = centers.square().sum(1);  // [K]
  for (int64_t first = 0; first < images; first += kBlock) {
    const int64_t count = std::min(kBlock, images - first);
    const at::Tensor block = features.narrow(0, first, count);
    const at::Tensor relative = center_squares - 2 * block.matmul(centers.t());  // [B,K]
    const auto [smallest, cluster] = relative.min(1);
    assigned.clusters.narrow(0, first, count).copy_(cluster);
    assigned.distances.narrow(0, first, count)
        .copy_((smallest + block.square().sum(1)).clamp_min(0));
  }
  return assigned;
}

// Each further center is an image drawn with probability proportional to its squared distance from
// the centers so far.
at::Tensor plus_plus_start(const at::Tensor& features, int clusters, Random random) {
  const int64_t images = features.size(0);
  at::Tensor centers = at::empty({clusters, features.size(1)}, features.options());
  at::Tensor distances = at::full({images}, std::numeric_limits<float>::infinity(), at::kFloat);
  int64_t chosen = static_cast<int64_t>(random.below(images));
  for (int c = 0; c < clusters; ++c) {
    centers[c].copy_(features[chosen]);
    distances = at::minimum(distances, assign(features, centers.narrow(0, c, 1)).distances);
    const float* weights = distances.const_data_ptr<float>();
    double left = random.uniform_double() * std::accumulate(weights, weights + images, 0.0);
    for (chosen = 0; chosen < images - 1 && left >= weights[chosen]; ++chosen) {
      left -= weights[chosen];
    }
  }
  return centers;
}

// The mean of each cluster's images, summed in double in order: the same for any thread count.
at::Tensor means(const at::Tensor& features, const Assigned& assigned, const at::Tensor& previous) {
  const int64_t depth = features.size(1), clusters = previous.size(0);
  const float* values = features.const_data_ptr<float>();
  const int64_t* cluster = assigned.clusters.const_data_ptr<int64_t>();
  at::Tensor sums = at::zeros({clusters, depth}, at::kDouble);
  std::vector<int64_t> counts(clusters, 0);
  for (int64_t i = 0; i < features.size(0); ++i) {
    double* sum = sums.mutable_data_ptr<double>() + cluster[i] * depth;
    for (int64_t d = 0; d < depth; ++d) sum[d] += values[i * depth + d];
    ++counts[cluster[i]];
  }

  // Images by falling distance, for clusters that have none; ones that lie on a center do not help.
  const at::Tensor farthest = assigned.distances.argsort(/*stable=*/true, 0, /*descending=*/true);
  const float* distances = assigned.distances.const_data_ptr<float>();
  int64_t next = 0;
  at::Tensor centers = previous.clone();
  for (int64_t c = 0; c < clusters; ++c) {
    if (counts[c] > 0) {
      centers[c].copy_(sums[c] / static_cast<double>(counts[c]));
    } else if (next < features.size(0)) {
      const int64_t image = farthest.const_data_ptr<int64_t>()[next++];
      if (distances[image] > 0) centers[c].copy_(features[image]);
    }
  }
  return centers;
}

void report(int restart, int iteration, const KmeansOptions& options, const Observer& observer) {
  if (!observer.progress) return;
  Progress progress{.stage = "k-means", .step = "", .unit = "iterations"};
  progress.done = int64_t{restart} * options.max_iterations + iteration;
  progress.total = int64_t{options.restarts} * options.max_iterations;
  observer.progress(progress);
}

KmeansResult one_run(const at::Tensor& features, const KmeansOptions& options, int restart,
                     const Observer& observer) {
  const double variance = features.var(0, /*unbiased=*/false).mean().item<double>();
  const Random random(options.seed, Purpose::kmeans, static_cast<uint32_t>(restart));
  at::Tensor centers = plus_plus_start(features, options.clusters, random);
  Assigned assigned = assign(features, centers);
  for (int iteration = 0; iteration < options.max_iterations; ++iteration) {
    observer.stop_if_requested();
    report(restart, iteration, options, observer);
    at::Tensor moved = means(features, assigned, centers);
    const double shift = (moved - centers).square().sum().item<double>();
    centers = moved;
    assigned = assign(features, centers);
    if (shift <= kTolerance * variance) break;
  }
  const int64_t* cluster = assigned.clusters.const_data_ptr<int64_t>();
  return {centers,
          {cluster, cluster + features.size(0)},
          assigned.distances.sum(at::kDouble).item<double>()};
}

}  // namespace

KmeansResult kmeans(const at::Tensor& features, const KmeansOptions& options,
                    const Observer& observer) {
  NOLABEL_ASSERT(features.dim() == 2 && features.scalar_type() == at::kFloat && features.is_cpu());
  NOLABEL_ASSERT(options.clusters >= 1 && options.clusters <= features.size(0));
  NOLABEL_ASSERT(options.restarts >= 1);
  const c10::NoGradGuard no_gradient;
  // Around their mean, squares are small and the differences above keep their digits.
  const at::Tensor mean = features.mean(0);
  const at::Tensor points = (features - mean).contiguous();
  KmeansResult best;
  for (int restart = 0; restart < options.restarts; ++restart) {
    KmeansResult result = one_run(points, options, restart, observer);
    if (restart == 0 || result.inertia < best.inertia) best = std::move(result);
  }
  best.centers = best.centers + mean;
  return best;
}

}  // namespace nolabel
