#include "nolabel/cluster/neighbor_metric.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/cluster/neighbor_graph.h"
#include "nolabel/cluster/principal_components.h"
#include "nolabel/model/model.h"

namespace nolabel {
namespace {

// S X [N,d] for rows X [N,d], S = deg^-1/2 W deg^-1/2: what an image's neighbors have on average,
// where an image that is everybody's neighbor (a hub) weighs less. Each row is summed in the order
// of the graph, so that the sum is the same for any thread count.
at::Tensor neighbor_means(const NeighborGraph& graph, const at::Tensor& rows) {
  const int64_t depth = rows.size(1);
  at::Tensor means = at::zeros_like(rows);
  const float* from = rows.const_data_ptr<float>();
  float* to = means.mutable_data_ptr<float>();
  const int64_t grain = 256;
  parallel_for(graph.nodes(), at::get_num_threads(), grain, [&](int64_t begin, int64_t end) {
    for (int64_t node = begin; node < end; ++node) {
      float* sum = to + node * depth;
      for (int64_t e = graph.offsets[node]; e < graph.offsets[node + 1]; ++e) {
        const int64_t other = graph.targets[e];
        const auto weight = static_cast<float>(graph.weights[e] /
                                               std::sqrt(graph.degree[node] * graph.degree[other]));
        const float* row = from + other * depth;
        for (int64_t d = 0; d < depth; ++d) sum[d] += weight * row[d];
      }
    }
  });
  return means;
}

// The map [D,d] (float64) of rows X [N,D] around 0 by the neighbors of a graph: directions v that
// solve N v = lambda C v with N = X' S X / n, C = X' X / n + ridge, each scaled by its lambda.
at::Tensor agreeing_directions(const at::Tensor& rows, const NeighborGraph& graph,
                               const NeighborMetricOptions& options) {
  const auto images = static_cast<double>(rows.size(0));
  const int64_t depth = rows.size(1);
  const at::Tensor agreement =
      rows.t().matmul(neighbor_means(graph, rows)).to(at::kDouble) / images;
  at::Tensor variance = rows.t().matmul(rows).to(at::kDouble) / images;
  // Where all images are equal, any positive number makes the equation solvable.
  const double ridge = options.ridge * variance.trace().item<double>() / static_cast<double>(depth);
  variance.diagonal().add_(std::max(ridge, 1e-12));

  const at::Tensor lower = at::linalg_cholesky(variance);
  const at::Tensor left = at::linalg_solve_triangular(lower, agreement, /*upper=*/false);
  const at::Tensor whitened = at::linalg_solve_triangular(lower, left.t(), /*upper=*/false);
  const auto [ascending, vectors] = at::linalg_eigh((whitened + whitened.t()) / 2);
  const int64_t kept = std::min<int64_t>(depth, options.dimensions);
  const at::Tensor directions =
      at::linalg_solve_triangular(lower.t(), vectors.narrow(1, depth - kept, kept), /*upper=*/true);
  const at::Tensor agreements =
      ascending.narrow(0, depth - kept, kept).clamp(0, options.most_agreement);
  // Of two or three images no direction may agree: they are then compared as they are.
  if (agreements.max().item<double>() <= 0) return at::eye(depth, at::kDouble);
  return directions * agreements;
}

}  // namespace

NeighborMetricOptions metric_options(int64_t images) {
  NeighborMetricOptions options;
  options.neighbors = static_cast<int>(std::min<int64_t>(images < 2000 ? 10 : 20, images - 1));
  options.dimensions = static_cast<int>(std::clamp<int64_t>(images / 8, 16, options.dimensions));
  return options;
}

NeighborMetric::NeighborMetric(std::vector<at::Tensor> tensors)
    : mean_(tensors.at(0)), map_(tensors.at(1)), offset_(tensors.at(2)) {}

at::Tensor NeighborMetric::rows(const at::Tensor& features) const {
  const c10::NoGradGuard no_grad;
  return unit_rows(unit_rows(features - mean_).matmul(map_).sub_(offset_));
}

FittedMetric fit_neighbor_metric(const at::Tensor& features, const Matrix<int64_t>& table,
                                 const NeighborMetricOptions& options, const NeighborSearch& search,
                                 const Observer& observer) {
  NOLABEL_ASSERT(features.dim() == 2 && features.scalar_type() == at::kFloat && features.is_cpu());
  NOLABEL_ASSERT(features.size(0) >= 2 && options.passes >= 1);
  const c10::NoGradGuard no_grad;
  const at::Tensor mean = features.mean(0, false, at::kDouble).to(at::kFloat);
  at::Tensor rows = unit_rows(features - mean);
  const at::Tensor center = rows.mean(0);
  rows -= center;
  const int64_t most = std::min<int64_t>(rows.size(0), options.dimensions);
  at::Tensor reduction;  // [D,d] fp32; undefined: the rows are narrow enough
  if (rows.size(1) > most) {
    reduction = principal_components(rows, most).directions.to(at::kFloat);
    rows = rows.matmul(reduction);
  }
  FittedMetric fitted{NeighborMetric({mean, at::Tensor(), at::Tensor()}), table};
  for (int pass = 0; pass < options.passes; ++pass) {
    observer.stop_if_requested();
    at::Tensor map =
        agreeing_directions(rows, neighbor_graph(fitted.neighbors, options.neighbors), options)
            .to(at::kFloat);
    fitted.neighbors = search(unit_rows(rows.matmul(map)), options.neighbors);
    if (reduction.defined()) map = reduction.matmul(map);
    fitted.metric = NeighborMetric({mean, map, center.unsqueeze(0).matmul(map).squeeze(0)});
  }
  return fitted;
}

}  // namespace nolabel
