#include "nolabel/pipeline/yardstick.h"

#include <ATen/ATen.h>

namespace nolabel {

CenteredUnitSpace::CenteredUnitSpace(const at::Tensor& features)
    : shift_(measure_shift(features)) {}

at::Tensor CenteredUnitSpace::rows(const at::Tensor& features) const {
  at::Tensor rows = shifted(features, shift_);
  constexpr double least_norm = 1e-12;  // as unit_rows() has it
  return rows.div_(rows.norm(2, {1}, /*keepdim=*/true).clamp_min_(least_norm));
}

at::Tensor centered_unit_rows(const at::Tensor& features) {
  return CenteredUnitSpace(features).rows(features);
}

}  // namespace nolabel
