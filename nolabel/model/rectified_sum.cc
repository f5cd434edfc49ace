#include "nolabel/model/rectified_sum.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "nolabel/base/clones.h"
#include "nolabel/base/error.h"
#include "nolabel/model/bf16_bits.h"

namespace nolabel {
namespace {

NOLABEL_CLONES void add_and_rectify(uint16_t* sum, const uint16_t* other, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const float value = exact(sum[i]) + exact(other[i]);
    sum[i] = rounded_bits(value < 0 ? 0.f : value);
  }
}

}  // namespace

at::Tensor rectified_sum(at::Tensor sum, const at::Tensor& other) {
  NOLABEL_ASSERT(sum.scalar_type() == at::kBFloat16 && other.scalar_type() == at::kBFloat16);
  NOLABEL_ASSERT(sum.sizes() == other.sizes() && sum.strides() == other.strides() &&
                 sum.is_non_overlapping_and_dense());
  constexpr int64_t values_per_task = 1 << 15;
  auto* const values = static_cast<uint16_t*>(sum.mutable_data_ptr());
  const auto* const added = static_cast<const uint16_t*>(other.const_data_ptr());
  at::parallel_for(0, sum.numel(), values_per_task, [&](int64_t begin, int64_t end) {
    add_and_rectify(values + begin, added + begin, end - begin);
  });
  return sum;
}

}  // namespace nolabel
