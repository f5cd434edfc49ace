// The space in which features are compared without a model: neighbors are mined, k-means runs and
// silhouettes are measured in it.
#pragma once

#include <ATen/core/Tensor.h>

#include "nolabel/train/feature_normalization.h"

namespace nolabel {

// Features minus a mean, rows of unit length. Neither the scale of the features nor a direction
// that they have in common matters then: every cosine of features far from zero is nearly 1,
// whatever the images are.
class CenteredUnitSpace {
 public:
  // Around the mean of these features [N,D].
  explicit CenteredUnitSpace(const at::Tensor& features);
  // Features [n,D] in this space, as a copy (the only one that is made).
  at::Tensor rows(const at::Tensor& features) const;

 private:
  FeatureShift shift_;
};

// Features [N,D] in the space around their own mean.
at::Tensor centered_unit_rows(const at::Tensor& features);

}  // namespace nolabel
