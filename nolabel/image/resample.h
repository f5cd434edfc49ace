// Private to this folder: the two passes of a resize, in Pillow's 8-bit fixed-point arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nolabel/image/resize.h"

namespace nolabel {

// Weights are integers, 1 = 2^22, as in Pillow: 8 bits for the pixel and 2 for the sum remain
// of 32.
constexpr int kWeightBits = 32 - 8 - 2;
constexpr int kLowBits = kWeightBits / 2;

// Which source positions make up each target position along one axis, and with what weight.
struct Taps {
  int length = 0;                // of the target
  int stride = 0;                // weights per target position, the last ones may be 0
  std::vector<int32_t> first;    // [length] first source position
  std::vector<int32_t> count;    // [length] source positions used
  std::vector<int32_t> weights;  // [length, stride]

  // The same for processors that multiply pairs of 16 bits: each weight as signed high and 11 low
  // bits, the halves of two neighboring taps in one number, groups of 4 taps filled up with 0.
  int pair_stride = 0;             // pairs per target position, even
  std::vector<int32_t> high, low;  // [length, pair_stride]
  std::vector<double> exact;       // one target position's weights while they are computed

  const int32_t* row(int i) const { return &weights[static_cast<size_t>(i) * stride]; }
};

// The target covers [from, to) of the source's `source_length` positions. Any filter but nearest,
// which is no weighted sum. Reuses the memory of `taps`.
void compute_taps(int source_length, float from, float to, int length, Interpolation interpolation,
                  Taps& taps);

// Each of `rows` source rows [source_width, 3] becomes a row [taps.length, 3] of `out`.
void resample_rows(const uint8_t* source, int source_width, int rows, const Taps& taps,
                   uint8_t* out);

// out [taps.length, row_bytes]: weighted sums of source rows; taps.first counts from `source`.
void resample_columns(const uint8_t* source, int row_bytes, const Taps& taps, uint8_t* out);

// The two passes come in two forms with equal results; the functions above choose by processor.
namespace plain {
// Target pixel x from its source row.
void resample_pixel(const uint8_t* row, const Taps& taps, int x, uint8_t* out);
void resample_rows(const uint8_t* source, int source_width, int rows, const Taps& taps,
                   uint8_t* out);
void resample_columns(const uint8_t* source, int row_bytes, const Taps& taps, uint8_t* out);
}  // namespace plain
namespace avx2 {
void resample_rows(const uint8_t* source, int source_width, int rows, const Taps& taps,
                   uint8_t* out);
void resample_columns(const uint8_t* source, int row_bytes, const Taps& taps, uint8_t* out);
}  // namespace avx2

}  // namespace nolabel
