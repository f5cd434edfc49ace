// Mutual information between the cluster of an image and that of its neighbor.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "nolabel/base/matrix.h"

namespace nolabel {

// -I in nats, the loss of invariant information clustering (Ji, Henriques, Vedaldi, "Invariant
// Information Clustering", ICCV 2019, eq. 3) with a neighbor in the place of a second view: the
// joint distribution P of the two clusters is the mean of the products of their probabilities,
// made symmetric. It is least where neighbors agree and the clusters are many and even.
//   anchor, neighbor  probabilities [B,C], float     returns a scalar
//   log_prior         undefined, or [C]: the logarithms of the shares of the images that the
//                     clusters should hold, π. The loss is then -I - 2 Σ p log π, with p the
//                     margins of P. That is H(P) + 2 KL(p, π), least where neighbors agree and p
//                     is π.
at::Tensor information_loss(const at::Tensor& anchor, const at::Tensor& neighbor,
                            const at::Tensor& log_prior = {});

struct NeighborInformation {
  double nats = 0;  // I of the clusters of an image and of its neighbors
  // I / sqrt(H · log K), about 0..1, with H the entropy of the clusters: between I / log K, which
  // prefers even clusters, and I / H, which prefers few large ones. 0 where K or the number of
  // clusters in use is 1, or where no row names a neighbor.
  double share = 0;
};

// Of hard clusters [N], 0..clusters-1, and all neighbors of a table [N,k+1]; the image itself and
// -1 (neighbors/neighbor_table.h) do not count.
NeighborInformation neighbor_information(const std::vector<int64_t>& assignments, int clusters,
                                         const Matrix<int64_t>& neighbors);

}  // namespace nolabel
