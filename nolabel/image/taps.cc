#include <algorithm>
#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/image/resample.h"

namespace nolabel {
namespace {

constexpr double pi = 3.14159265358979323846;

// Pillow's filters: the weight at a distance from the centre, and where it ends.
struct Rectangle {
  static constexpr double support = 0.5;
  static double at(double x) { return x > -0.5 && x <= 0.5 ? 1 : 0; }
};

struct Triangle {
  static constexpr double support = 1;
  static double at(double x) { return std::max(0.0, 1.0 - std::abs(x)); }
};

struct Hamming {
  static constexpr double support = 1;
  static double at(double x) {
    x = std::abs(x);
    if (x == 0) return 1;
    if (x >= 1) return 0;
    return std::sin(pi * x) / (pi * x) * (0.54 + 0.46 * std::cos(pi * x));
  }
};

struct Cubic {
  static constexpr double support = 2;
  static double at(double x) {  // Keys (1981) with a = -1/2
    constexpr double a = -0.5;
    x = std::abs(x);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  }
};

double sinc(double x) {
  return x == 0 ? 1 : std::sin(pi * x) / (pi * x);
}

struct Lanczos {
  static constexpr double support = 3;
  static double at(double x) { return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0; }
};

// The weights of target position i that Pillow computes, in double and then rounded.
template <class Filter>
void compute_weights(int i, double centre, double inverse_scale, Taps& taps) {
  const int first = taps.first[i], count = taps.count[i];
  double sum = 0;
  for (int k = 0; k < count; ++k) {
    taps.exact[k] = Filter::at((k + first - centre + 0.5) * inverse_scale);
    sum += taps.exact[k];
  }
  int32_t* weights = &taps.weights[static_cast<size_t>(i) * taps.stride];
  for (int k = 0; k < count; ++k) {
    const double weight = sum != 0 ? taps.exact[k] / sum : taps.exact[k];
    weights[k] = static_cast<int32_t>((weight < 0 ? -0.5 : 0.5) + weight * (1 << kWeightBits));
  }
}

void split_into_pairs(int i, Taps& taps) {
  constexpr int32_t kLowMask = (1 << kLowBits) - 1;
  const int32_t* weights = taps.row(i);
  int32_t* high = &taps.high[static_cast<size_t>(i) * taps.pair_stride];
  int32_t* low = &taps.low[static_cast<size_t>(i) * taps.pair_stride];
  for (int k = 0; k < taps.count[i]; ++k) {
    const int shift = k % 2 * 16;
    high[k / 2] |= ((weights[k] >> kLowBits) & 0xffff) << shift;
    low[k / 2] |= (weights[k] & kLowMask) << shift;
  }
}

template <class Filter>
void compute(int source_length, float from, float to, int length, Taps& taps) {
  const double scale = static_cast<double>(to - from) / length;
  const double filter_scale = std::max(scale, 1.0);
  const double support = Filter::support * filter_scale;
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
    compute_weights<Filter>(i, centre, 1.0 / filter_scale, taps);
    split_into_pairs(i, taps);
  }
}

}  // namespace

void compute_taps(int source_length, float from, float to, int length, Interpolation interpolation,
                  Taps& taps) {
  const auto with = [&]<class Filter>(Filter) {
    compute<Filter>(source_length, from, to, length, taps);
  };
  switch (interpolation) {
    case Interpolation::nearest:
      break;
    case Interpolation::lanczos:
      return with(Lanczos{});
    case Interpolation::bilinear:
      return with(Triangle{});
    case Interpolation::bicubic:
      return with(Cubic{});
    case Interpolation::box:
      return with(Rectangle{});
    case Interpolation::hamming:
      return with(Hamming{});
  }
  NOLABEL_ASSERT(interpolation != Interpolation::nearest);
}

}  // namespace nolabel
