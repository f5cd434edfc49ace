// Private to this folder: the two passes of a resize, in Pillow's 8-bit fixed-point arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nolabel {

// Weights are integers, 1 = 2^22, as in Pillow: 8 bits for the pixel and 2 for the sum remain
// of 32.
constexpr int kWeightBits = 32 - 8 - 2;

// Which source positions make up each target position along one axis, and with what weight.
struct Taps {
  int length = 0;                // of the target
  int stride = 0;                // weights per target position, the last ones may be 0
  std::vector<int32_t> first;    // [length] first source position
  std::vector<int32_t> count;    // [length] source positions used
  std::vector<int32_t> weights;  // [length, stride]

  std::vector<double> exact;  // one target position's weights while they are computed

  const int32_t* row(int i) const { return &weights[static_cast<size_t>(i) * stride]; }
};

// Triangle filter (bilinear), widened when shrinking so that every source pixel counts. The target
// covers [from, to) of the source's `source_length` positions. Reuses the memory of `taps`.
void compute_taps(int source_length, float from, float to, int length, Taps& taps);

// out[y][x] for `rows` rows: each source row [source_width, 3] becomes [taps.length, 3].
void resample_rows(const uint8_t* source, int source_width, int rows, const Taps& taps,
                   uint8_t* out);

// out [taps.length, row_bytes]: weighted sums of source rows; taps.first counts from `source`.
void resample_columns(const uint8_t* source, int row_bytes, const Taps& taps, uint8_t* out);

}  // namespace nolabel
