#include <algorithm>
#include <cmath>

#include "nolabel/image/resample.h"

namespace nolabel {
namespace {

constexpr double kTriangleSupport = 1.0;

double triangle(double x) {
  return std::max(0.0, 1.0 - std::abs(x));
}

// The weights of target position i that Pillow computes, in double and then rounded.
void compute_weights(int i, double centre, double inverse_scale, Taps& taps) {
  const int first = taps.first[i], count = taps.count[i];
  double sum = 0;
  for (int k = 0; k < count; ++k) {
    taps.exact[k] = triangle((k + first - centre + 0.5) * inverse_scale);
    sum += taps.exact[k];
  }
  int32_t* weights = &taps.weights[static_cast<size_t>(i) * taps.stride];
  for (int k = 0; k < count; ++k) {
    const double weight = sum != 0 ? taps.exact[k] / sum : taps.exact[k];
    weights[k] = static_cast<int32_t>(0.5 + weight * (1 << kWeightBits));
  }
}

void split_into_pairs(int i, Taps& taps) {
  constexpr int32_t kLowMask = (1 << kLowBits) - 1;
  const int32_t* weights = taps.row(i);
  int32_t* high = &taps.high[static_cast<size_t>(i) * taps.pair_stride];
  int32_t* low = &taps.low[static_cast<size_t>(i) * taps.pair_stride];
  for (int k = 0; k < taps.count[i]; ++k) {
    const int shift = k % 2 * 16;
    high[k / 2] |= (weights[k] >> kLowBits) << shift;
    low[k / 2] |= (weights[k] & kLowMask) << shift;
  }
}

}  // namespace

void compute_taps(int source_length, float from, float to, int length, Taps& taps) {
  const double scale = static_cast<double>(to - from) / length;
  const double filter_scale = std::max(scale, 1.0);
  const double support = kTriangleSupport * filter_scale;
  taps.length = length;
  taps.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.pair_stride = (taps.stride + 3) / 4 * 2;
  taps.first.resize(length);
  taps.count.resize(length);
  taps.exact.resize(taps.stride);
  taps.weights.assign(static_cast<size_t>(length) * taps.stride, 0);
  taps.high.assign(static_cast<size_t>(length) * taps.pair_stride, 0);
  taps.low.assign(static_cast<size_t>(length) * taps.pair_stride, 0);
  for (int i = 0; i < length; ++i) {
    const double centre = from + (i + 0.5) * scale;
    taps.first[i] = std::max(0, static_cast<int>(centre - support + 0.5));
    taps.count[i] =
        std::min(source_length, static_cast<int>(centre + support + 0.5)) - taps.first[i];
    compute_weights(i, centre, 1.0 / filter_scale, taps);
    split_into_pairs(i, taps);
  }
}

}  // namespace nolabel
