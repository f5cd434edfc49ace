#include "nolabel/cluster/information_loss.h"

#include <ATen/ATen.h>

#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/neighbor_table.h"

namespace nolabel {

at::Tensor information_loss(const at::Tensor& anchor, const at::Tensor& neighbor,
                            const at::Tensor& log_prior) {
  NOLABEL_ASSERT(anchor.dim() == 2 && anchor.size(0) >= 1 && anchor.sizes() == neighbor.sizes());
  constexpr double smallest_share = 1e-12;  // whose logarithm is taken
  const at::Tensor products = anchor.t().matmul(neighbor) / anchor.size(0);  // [C,C]
  const at::Tensor joint = ((products + products.t()) / 2).clamp_min(smallest_share);
  const at::Tensor use = joint.sum(1);  // [C]
  const at::Tensor independent = use.unsqueeze(0) * use.unsqueeze(1);
  const at::Tensor loss = -(joint * (joint.log() - independent.log())).sum();
  return log_prior.defined() ? loss - 2 * (use * log_prior).sum() : loss;
}

NeighborInformation neighbor_information(const std::vector<int64_t>& assignments, int clusters,
                                         const Matrix<int64_t>& neighbors) {
  NOLABEL_ASSERT(std::ssize(assignments) == neighbors.rows);
  Matrix<double> joint(clusters, clusters);
  double pairs = 0;
  for (int64_t image = 0; image < neighbors.rows; ++image) {
    for (int64_t column = 0; column < neighbors.columns; ++column) {
      const int64_t other = neighbors.at(image, column);
      if (other == image || other == no_neighbor) continue;
      joint.at(assignments[image], assignments[other]) += 0.5;
      joint.at(assignments[other], assignments[image]) += 0.5;
      pairs += 1;
    }
  }
  std::vector<double> use(clusters, 0);
  for (int64_t a = 0; a < clusters; ++a) {
    for (int64_t b = 0; b < clusters; ++b) {
      joint.at(a, b) /= pairs;
      use[a] += joint.at(a, b);
    }
  }
  NeighborInformation information;
  double entropy = 0;
  for (int64_t a = 0; a < clusters; ++a) {
    if (use[a] > 0) entropy -= use[a] * std::log(use[a]);
    for (int64_t b = 0; b < clusters; ++b) {
      const double share = joint.at(a, b);
      if (share > 0) information.nats += share * std::log(share / (use[a] * use[b]));
    }
  }
  if (clusters > 1 && entropy > 0) {
    information.share = information.nats / std::sqrt(entropy * std::log(clusters));
  }
  return information;
}

}  // namespace nolabel
