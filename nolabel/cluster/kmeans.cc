#include "nolabel/cluster/kmeans.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <functional>
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

// What all iterations read.
struct Points {
  at::Tensor rows;     // [N,D] contiguous
  at::Tensor squares;  // [N] |x|²
};

Points points_of(const at::Tensor& rows) {
  const int64_t images = rows.size(0);
  Points points{rows, at::empty({images}, at::kFloat)};
  for (int64_t first = 0; first < images; first += kBlock) {  // no copy of all rows
    const int64_t count = std::min(kBlock, images - first);
    points.squares.narrow(0, first, count).copy_(rows.narrow(0, first, count).square().sum(1));
  }
  return points;
}

struct Assigned {
  at::Tensor clusters;   // [N] int64
  at::Tensor distances;  // [N] squared, to the assigned center
};

// |x - c|² = |x|² - 2 x·c + |c|²: a matrix product per block. Ties go to the lower cluster.
Assigned assign(const Points& points, const at::Tensor& centers) {
  const int64_t images = points.rows.size(0);
  Assigned assigned{at::empty({images}, at::kLong), at::empty({images}, at::kFloat)};
  const at::Tensor center_squares = centers.square().sum(1);  // [K]
  for (int64_t first = 0; first < images; first += kBlock) {
    const int64_t count = std::min(kBlock, images - first);
    const at::Tensor block = points.rows.narrow(0, first, count);
    const at::Tensor relative = center_squares - 2 * block.matmul(centers.t());  // [B,K]
    const auto [smallest, cluster] = relative.min(1);
    assigned.clusters.narrow(0, first, count).copy_(cluster);
    assigned.distances.narrow(0, first, count)
        .copy_((smallest + points.squares.narrow(0, first, count)).clamp_min(0));
  }
  return assigned;
}

// Squared distances [C,N] of all images to C candidates, which are images themselves.
at::Tensor distances_to(const Points& points, const std::vector<int64_t>& candidates) {
  const auto count = static_cast<int64_t>(candidates.size());
  at::Tensor distances = at::empty({count, points.rows.size(0)}, at::kFloat);
  for (int64_t c = 0; c < count; ++c) {
    distances[c].copy_(assign(points, points.rows.narrow(0, candidates[c], 1)).distances);
  }
  return distances;
}

// In order, so that the sum is the same for any thread count.
double sum_of(const at::Tensor& values) {
  const float* first = values.const_data_ptr<float>();
  return std::accumulate(first, first + values.numel(), 0.0);
}

// Images drawn with probability proportional to `weights`.
std::vector<int64_t> draw(const at::Tensor& weights, int count, Random& random) {
  const int64_t images = weights.numel();
  const float* weight = weights.const_data_ptr<float>();
  std::vector<double> sums(images);
  std::partial_sum(weight, weight + images, sums.begin(), std::plus<double>());
  std::vector<int64_t> drawn;
  for (int i = 0; i < count; ++i) {
    const double place = random.uniform_double() * sums.back();
    const auto found = std::upper_bound(sums.begin(), sums.end(), place);
    drawn.push_back(std::min<int64_t>(found - sums.begin(), images - 1));
  }
  return drawn;
}

// The first center is any image. Candidates for each further one are images drawn with probability
// proportional to their squared distance from the centers so far.
at::Tensor plus_plus_start(const Points& points, int clusters, Random random) {
  const at::Tensor& features = points.rows;
  const int trials = 2 + static_cast<int>(std::log(clusters));
  at::Tensor centers = at::empty({clusters, features.size(1)}, features.options());
  const auto first = static_cast<int64_t>(random.below(features.size(0)));
  centers[0].copy_(features[first]);
  at::Tensor distances = distances_to(points, {first})[0];
  for (int c = 1; c < clusters; ++c) {
    const std::vector<int64_t> candidates = draw(distances, trials, random);
    const at::Tensor with_each = at::minimum(distances, distances_to(points, candidates));
    int best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < trials; ++i) {
      const double left = sum_of(with_each[i]);
      if (left < least) best = i, least = left;
    }
    centers[c].copy_(features[candidates[best]]);
    distances = with_each[best].contiguous();
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
  double* sum = sums.mutable_data_ptr<double>();
  // Each thread has some of the columns, and all images of them.
  at::parallel_for(0, depth, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < features.size(0); ++i) {
      double* sum_of_cluster = sum + cluster[i] * depth;
      for (int64_t d = begin; d < end; ++d) sum_of_cluster[d] += values[i * depth + d];
    }
  });
  for (int64_t i = 0; i < features.size(0); ++i) ++counts[cluster[i]];

  // Images by falling distance, for clusters that have none; ones that lie on a center do not help.
  at::Tensor farthest;
  if (std::ranges::count(counts, 0) > 0) {
    farthest = assigned.distances.argsort(/*stable=*/true, 0, /*descending=*/true);
  }
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

// `variance`: the mean of the features'.
KmeansResult one_run(const Points& points, double variance, const KmeansOptions& options,
                     int restart, const Observer& observer) {
  const Random random(options.seed, Purpose::kmeans, static_cast<uint32_t>(restart));
  at::Tensor centers = plus_plus_start(points, options.clusters, random);
  Assigned assigned = assign(points, centers);
  for (int iteration = 0; iteration < options.max_iterations; ++iteration) {
    observer.stop_if_requested();
    report(restart, iteration, options, observer);
    at::Tensor moved = means(points.rows, assigned, centers);
    const double shift = (moved - centers).square().sum().item<double>();
    centers = moved;
    assigned = assign(points, centers);
    if (shift <= kTolerance * variance) break;
  }
  const int64_t* cluster = assigned.clusters.const_data_ptr<int64_t>();
  return {centers,
          {cluster, cluster + points.rows.size(0)},
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
  const Points points = points_of((features - mean).contiguous());
  const double variance = points.rows.var(0, /*unbiased=*/false).mean().item<double>();
  KmeansResult best;
  for (int restart = 0; restart < options.restarts; ++restart) {
    KmeansResult result = one_run(points, variance, options, restart, observer);
    if (restart == 0 || result.inertia < best.inertia) best = std::move(result);
    report(restart + 1, 0, options, observer);  // most end before max_iterations
  }
  best.centers = best.centers + mean;
  return best;
}

std::vector<int64_t> nearest_centers(const at::Tensor& features, const at::Tensor& centers) {
  const c10::NoGradGuard no_gradient;
  const at::Tensor mean = centers.mean(0);
  const at::Tensor clusters =
      assign(points_of((features - mean).contiguous()), (centers - mean).contiguous()).clusters;
  const int64_t* cluster = clusters.const_data_ptr<int64_t>();
  return {cluster, cluster + features.size(0)};
}

}  // namespace nolabel
