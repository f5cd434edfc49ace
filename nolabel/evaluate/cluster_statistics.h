// Figures of a clustering that need no labels. These figures, never label-based ones, may
// choose between models.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "nolabel/base/npy.h"
#include "nolabel/evaluate/assignments.h"

namespace nolabel {

struct ClusterStatistics {
  std::vector<int64_t> sizes;  // [K] images per cluster
  int empty_clusters = 0;
  double entropy = 0;  // of the mean use of clusters, in nats; log K when evenly used
  double mean_confidence = 0;
  std::optional<double> neighbor_agreement;  // unset without a neighbor table
  std::optional<double> silhouette;          // unset without features, or where it is undefined
  // Mutual information between the cluster of an image and those of its neighbors in the metric, of
  // what even clusters can have (NeighborInformation::share); unset without a metric.
  std::optional<double> neighbor_information;
};

struct SilhouetteSample {
  int64_t images = 2000;  // at most so many, because it costs images^2 distances
  uint64_t seed = 0;
  int threads = 1;
};

// probabilities [N,K]: entropy is that of their mean over the images (for hard clusters give
// one-hot rows). neighbors [N,k+1] and features [N,D] may be null.
ClusterStatistics cluster_statistics(const Matrix<float>& probabilities,
                                     const Matrix<int64_t>* neighbors,
                                     const Matrix<float>* features, const SilhouetteSample& sample);

// Share of all neighbors that lie in their anchor's cluster. The anchor itself does not count: it
// is left out where its row names it, else column 0 is (an exact duplicate can push the anchor out
// of its own row). 0 when rows hold no neighbor.
//   clusters [N], neighbors [N,k+1] with values in 0..N-1, or -1 where a row has fewer neighbors
double neighbor_agreement(std::span<const int> clusters, const Matrix<int64_t>& neighbors);

// Mean silhouette (Rousseeuw 1987) with Euclidean distance over a random sample of the images, as
// scikit-learn computes it on that sample; images alone in their cluster count 0. Unset unless
// 2 <= clusters in the sample <= images in the sample - 1.
//   clusters [N], features [N,D]
std::optional<double> silhouette(std::span<const int> clusters, const Matrix<float>& features,
                                 const SilhouetteSample& sample);

}  // namespace nolabel
