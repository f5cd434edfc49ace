#include "nolabel/pipeline/yardstick.h"

#include <ATen/ATen.h>

#include "nolabel/train/feature_normalization.h"

namespace nolabel {

at::Tensor centered_unit_rows(const at::Tensor& features) {
  at::Tensor rows = shifted(features, measure_shift(features));
  constexpr double least_norm = 1e-12;  // as unit_rows() has it
  return rows.div_(rows.norm(2, {1}, /*keepdim=*/true).clamp_min_(least_norm));
}

}  // namespace nolabel
