#include "nolabel/image/resample.h"

#include <algorithm>
#include <cmath>

namespace nolabel {
namespace {

constexpr double kTriangleSupport = 1.0;
constexpr int32_t kHalf = 1 << (kWeightBits - 1);

double triangle(double x) {
  return std::max(0.0, 1.0 - std::abs(x));
}

uint8_t to_level(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

}  // namespace

void compute_taps(int source_length, float from, float to, int length, Taps& taps) {
  const double scale = static_cast<double>(to - from) / length;
  const double filter_scale = std::max(scale, 1.0);
  const double support = kTriangleSupport * filter_scale;
  const double inverse = 1.0 / filter_scale;
  taps.length = length;
  taps.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.first.resize(length);
  taps.count.resize(length);
  taps.weights.assign(static_cast<size_t>(length) * taps.stride, 0);
  taps.exact.resize(taps.stride);
  for (int i = 0; i < length; ++i) {
    const double centre = from + (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int count = std::min(source_length, static_cast<int>(centre + support + 0.5)) - first;
    double sum = 0;
    for (int k = 0; k < count; ++k) {
      taps.exact[k] = triangle((k + first - centre + 0.5) * inverse);
      sum += taps.exact[k];
    }
    int32_t* weights = &taps.weights[static_cast<size_t>(i) * taps.stride];
    for (int k = 0; k < count; ++k) {
      const double weight = sum != 0 ? taps.exact[k] / sum : taps.exact[k];
      weights[k] = static_cast<int32_t>(0.5 + weight * (1 << kWeightBits));
    }
    taps.first[i] = first;
    taps.count[i] = count;
  }
}

void resample_rows(const uint8_t* source, int source_width, int rows, const Taps& taps,
                   uint8_t* out) {
  for (int y = 0; y < rows; ++y, source += static_cast<size_t>(source_width) * 3) {
    for (int x = 0; x < taps.length; ++x, out += 3) {
      const uint8_t* pixel = source + taps.first[x] * 3;
      const int32_t* weights = taps.row(x);
      int32_t red = kHalf, green = kHalf, blue = kHalf;
      for (int k = 0; k < taps.count[x]; ++k, pixel += 3) {
        red += pixel[0] * weights[k];
        green += pixel[1] * weights[k];
        blue += pixel[2] * weights[k];
      }
      out[0] = to_level(red);
      out[1] = to_level(green);
      out[2] = to_level(blue);
    }
  }
}

void resample_columns(const uint8_t* source, int row_bytes, const Taps& taps, uint8_t* out) {
  for (int y = 0; y < taps.length; ++y, out += row_bytes) {
    const uint8_t* top = source + static_cast<size_t>(taps.first[y]) * row_bytes;
    const int32_t* weights = taps.row(y);
    for (int x = 0; x < row_bytes; ++x) {
      int32_t sum = kHalf;
      for (int k = 0; k < taps.count[y]; ++k) {
        sum += top[static_cast<size_t>(k) * row_bytes + x] * weights[k];
      }
      out[x] = to_level(sum);
    }
  }
}

}  // namespace nolabel
