#include "nolabel/image/resample.h"

#include <algorithm>

namespace nolabel {
namespace {

constexpr int32_t kHalf = 1 << (kWeightBits - 1);

uint8_t to_level(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

bool has_avx2() {
  static const bool result = __builtin_cpu_supports("avx2");
  return result;
}

}  // namespace

namespace plain {

void resample_pixel(const uint8_t* row, const Taps& taps, int x, uint8_t* out) {
  const uint8_t* pixel = row + ptrdiff_t{taps.first[x]} * 3;
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

void resample_rows(const uint8_t* source, int source_width, int rows, const Taps& taps,
                   uint8_t* out) {
  for (int y = 0; y < rows; ++y, source += ptrdiff_t{source_width} * 3) {
    for (int x = 0; x < taps.length; ++x, out += 3) resample_pixel(source, taps, x, out);
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

}  // namespace plain

void resample_rows(const uint8_t* source, int source_width, int rows, const Taps& taps,
                   uint8_t* out) {
  (has_avx2() ? avx2::resample_rows : plain::resample_rows)(source, source_width, rows, taps, out);
}

void resample_columns(const uint8_t* source, int row_bytes, const Taps& taps, uint8_t* out) {
  (has_avx2() ? avx2::resample_columns : plain::resample_columns)(source, row_bytes, taps, out);
}

}  // namespace nolabel
