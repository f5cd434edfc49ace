#include "nolabel/model/round_weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// A weight, rounded; and the change to its neighbor on the other side of the exact value.
template <class Half>
struct Rounded {
  Half nearest, other;
  double change = 0;  // other - nearest; 0: the weight is exact, or too small to have two
};

template <class Half>
Rounded<Half> rounded(float exact) {
  const auto nearest = static_cast<Half>(exact);
  const auto value = static_cast<float>(nearest);
  if (value == exact || value == 0 || !std::isfinite(value)) return {nearest, nearest};
  // The bits of a number without its sign are ordered as the numbers are.
  const bool grows = std::abs(exact) > std::abs(value);
  const Half other(static_cast<uint16_t>(nearest.x + (grows ? 1 : -1)), Half::from_bits());
  return {nearest, other, double{static_cast<float>(other)} - value};
}

// The largest changes first: the smaller ones mend what is left.
template <class Half>
void round_channel(const float* exact, int64_t count, Half* out) {
  std::vector<Rounded<Half>> weights;
  double missing = 0;  // what the sum of the rounded ones lacks
  for (int64_t i = 0; i < count; ++i) {
    weights.push_back(rounded<Half>(exact[i]));
    out[i] = weights.back().nearest;
    missing += double{exact[i]} - static_cast<float>(out[i]);
  }
  std::vector<int64_t> order(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) order[i] = i;
  std::ranges::stable_sort(order, std::greater(),
                           [&weights](int64_t i) { return std::abs(weights[i].change); });
  for (const int64_t i : order) {
    if (std::abs(missing - weights[i].change) >= std::abs(missing)) continue;
    out[i] = weights[i].other;
    missing -= weights[i].change;
  }
}

template <class Half>
at::Tensor rounded_as(const at::Tensor& weight) {
  const at::Tensor exact = weight.detach().cpu().to(at::kFloat).contiguous();
  at::Tensor result =
      at::empty(exact.sizes(), exact.options().dtype(c10::CppTypeToScalarType<Half>()));
  const int64_t channels = exact.size(0), count = exact.numel() / std::max<int64_t>(channels, 1);
  for (int64_t c = 0; c < channels; ++c) {
    round_channel(exact.const_data_ptr<float>() + c * count, count,
                  result.data_ptr<Half>() + c * count);
  }
  return result;
}

}  // namespace

at::Tensor rounded_keeping_sums(const at::Tensor& weight, at::ScalarType type) {
  NOLABEL_ASSERT(type == at::kBFloat16 || type == at::kHalf);
  const at::Tensor result =
      type == at::kHalf ? rounded_as<at::Half>(weight) : rounded_as<at::BFloat16>(weight);
  return result.to(weight.device()).contiguous(weight.suggest_memory_format());
}

}  // namespace nolabel
