#include "nolabel/cluster/consensus.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/cluster/kmeans.h"
#include "nolabel/cluster/spherical_kmeans.h"
#include "nolabel/model/model.h"

namespace nolabel {
namespace {

// Images in each cluster of each run: [R][K].
std::vector<std::vector<double>> cluster_sizes(const std::vector<std::vector<int64_t>>& clusterings,
                                               int clusters) {
  std::vector<std::vector<double>> sizes(clusterings.size(), std::vector<double>(clusters, 0));
  for (size_t run = 0; run < clusterings.size(); ++run) {
    for (const int64_t cluster : clusterings[run]) sizes[run][cluster] += 1;
  }
  return sizes;
}

// How much the clusters of all runs overlap: [RK,RK] float64, |a and b| / sqrt(|a| |b|).
at::Tensor overlaps(const std::vector<std::vector<int64_t>>& clusterings,
                    const std::vector<std::vector<double>>& sizes, int64_t clusters) {
  const auto runs = std::ssize(clusterings);
  at::Tensor overlap = at::zeros({runs * clusters, runs * clusters}, at::kDouble);
  double* value = overlap.mutable_data_ptr<double>();
  for (int64_t a = 0; a < runs; ++a) {
    for (int64_t b = 0; b <= a; ++b) {
      std::vector<double> common(clusters * clusters, 0);
      for (size_t i = 0; i < clusterings[a].size(); ++i) {
        common[clusterings[a][i] * clusters + clusterings[b][i]] += 1;
      }
      for (int64_t k = 0; k < clusters; ++k) {
        for (int64_t l = 0; l < clusters; ++l) {
          if (common[k * clusters + l] == 0) continue;
          const double share = common[k * clusters + l] / std::sqrt(sizes[a][k] * sizes[b][l]);
          value[(a * clusters + k) * runs * clusters + b * clusters + l] = share;
          value[(b * clusters + l) * runs * clusters + a * clusters + k] = share;
        }
      }
    }
  }
  return overlap;
}

}  // namespace

int consensus_runs(int clusters) {
  return std::clamp(2048 / clusters, 4, 32);
}

std::vector<int64_t> consensus_of(const std::vector<std::vector<int64_t>>& clusterings,
                                  int clusters, uint64_t seed, const Observer& observer) {
  NOLABEL_ASSERT(!clusterings.empty() && clusters >= 1);
  const c10::NoGradGuard no_grad;
  const auto images = std::ssize(clusterings[0]), runs = std::ssize(clusterings);
  const auto sizes = cluster_sizes(clusterings, clusters);
  // The left singular vectors of the images' membership in all clusters [N,RK], of which the
  // overlaps are the small product.
  const auto [values, vectors] = at::linalg_eigh(overlaps(clusterings, sizes, clusters));
  const int64_t all = runs * clusters;
  const at::Tensor weights = vectors.narrow(1, all - clusters, clusters) /
                             values.narrow(0, all - clusters, clusters).clamp_min(1e-9).sqrt();
  const at::Tensor of_cluster = weights.contiguous();  // [RK,K]
  const double* weight = of_cluster.const_data_ptr<double>();
  at::Tensor places = at::zeros({images, clusters}, at::kDouble);
  double* place = places.mutable_data_ptr<double>();
  for (int64_t run = 0; run < runs; ++run) {
    for (int64_t i = 0; i < images; ++i) {
      const int64_t cluster = clusterings[run][i];
      const double scale = 1 / std::sqrt(sizes[run][cluster]);
      const double* row = weight + (run * clusters + cluster) * clusters;
      for (int64_t k = 0; k < clusters; ++k) place[i * clusters + k] += scale * row[k];
    }
  }
  // With few restarts, one seed in five joined two classes and divided a third one.
  constexpr int restarts = 20;
  return kmeans(unit_rows(places.to(at::kFloat)),
                {.clusters = clusters, .restarts = restarts, .seed = seed}, observer.silent())
      .assignments;
}

std::vector<int64_t> consensus_clusters(const at::Tensor& rows, const ConsensusOptions& options,
                                        const Observer& observer,
                                        const std::vector<std::vector<int64_t>>& others) {
  const int runs = options.runs > 0 ? options.runs : consensus_runs(options.clusters);
  std::vector<std::vector<int64_t>> clusterings(runs);
  std::mutex reporting;
  Progress progress{.stage = "consensus", .step = "", .total = runs, .unit = "runs"};
  parallel_for(runs, options.threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t run = begin; run < end; ++run) {
      clusterings[run] = spherical_kmeans(
          rows, options.clusters, options.iterations,
          Random(options.seed, Purpose::consensus, static_cast<uint32_t>(run)), observer);
      const std::lock_guard lock(reporting);
      ++progress.done;
      if (observer.progress) observer.progress(progress);
    }
  });
  clusterings.insert(clusterings.end(), others.begin(), others.end());
  return consensus_of(clusterings, options.clusters, options.seed, observer);
}

}  // namespace nolabel
