// Principal components of features: the directions in which they vary most.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace nolabel {

struct PrincipalComponents {
  at::Tensor mean;        // [D] fp32
  at::Tensor directions;  // [D,d] float64, orthonormal; the variance ascends
  at::Tensor deviations;  // [d] float64, of the features along each direction; 0 beyond their rank
};

// The `count` first components of features [N,D] (fp32 on the CPU), 1 <= count <= min(N, D). With
// fewer images than dimensions they come from the products of the images, which are the smaller
// matrix. One copy of the features is held.
PrincipalComponents principal_components(const at::Tensor& features, int64_t count);

}  // namespace nolabel
