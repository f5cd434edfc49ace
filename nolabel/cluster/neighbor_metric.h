// The neighbor metric: the linear map of features in which an image and its neighbors agree most,
// found without a label. Distances in it follow what neighbors have in common, and leave out what
// differs between them.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "nolabel/base/matrix.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// docs/method.md, Neighbor metric.
struct NeighborMetricOptions {
  int neighbors = 20;           // k: the first so many of each row make the graph
  int dimensions = 256;         // the metric has at most so many; wider features are first reduced
  int passes = 2;               // the neighbors of a pass are those in the metric of the one before
  double ridge = 0.1;           // share of the mean variance that is added to each variance
  double most_agreement = 1.2;  // a direction counts by its agreement, up to this
};

// What suits this number of images. k is 20, below 2,000 images 10, and at most images - 1. There
// are at least 8 images for each dimension (but 16 dimensions in any case), because fewer images
// agree by chance in some direction.
NeighborMetricOptions metric_options(int64_t images);

class NeighborMetric {
 public:
  // Of tensors as tensors() gives them.
  explicit NeighborMetric(std::vector<at::Tensor> tensors);
  // Features [n,D] of any images in the metric: [n,d] fp32, rows of unit length. Their inner
  // product is the similarity of two images. One copy of the features is held beside the result.
  at::Tensor rows(const at::Tensor& features) const;
  // mean [D], map [D,d], offset [d]: fp32 on the CPU. Their memory is the metric's.
  std::vector<at::Tensor> tensors() const { return {mean_, map_, offset_}; }

 private:
  at::Tensor mean_;    // of the features
  at::Tensor map_;     // of centered unit rows
  at::Tensor offset_;  // of the mean of these rows, in the metric
};

// The k+1 rows with the largest inner product, for each of rows [N,d] of unit length: [N,k+1].
using NeighborSearch = std::function<Matrix<int64_t>(const at::Tensor& rows, int neighbors)>;

struct FittedMetric {
  NeighborMetric metric;
  Matrix<int64_t> neighbors;  // [N,k+1] in the metric; the image itself normally first
};

// Fits the metric on features [N,D] (fp32 on the CPU, finite, N >= 2). `table` [N,>=k+1] has their
// neighbors by cosine around the mean, as mining finds them; `search` finds those in the metric.
// Throws Error(Fault::usage) where the table does not fit, Error(Fault::stopped) on request.
FittedMetric fit_neighbor_metric(const at::Tensor& features, const Matrix<int64_t>& table,
                                 const NeighborMetricOptions& options, const NeighborSearch& search,
                                 const Observer& observer);

}  // namespace nolabel
