// The space in which features are compared without a model: neighbors are mined, k-means runs and
// silhouettes are measured in it.
#pragma once

#include <ATen/core/Tensor.h>

namespace nolabel {

// Features [N,D] minus their mean, rows of unit length, as a copy (the only one that is made).
// Neither the scale of the features nor a direction that they have in common matters then: every
// cosine of features far from zero is nearly 1, whatever the images are.
at::Tensor centered_unit_rows(const at::Tensor& features);

}  // namespace nolabel
