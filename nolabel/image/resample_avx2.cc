// The passes of resample.cc with AVX2: the same integers, so the same bytes.
//
// A weight of up to 2^22 comes as 11 high and 11 low bits (Taps), so that the multiply-and-add of
// 16-bit pairs (vpmaddwd) applies; the two sums recombine exactly. That is half the work of 32-bit
// products.
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "nolabel/image/resample.h"

#define NOLABEL_AVX2 __attribute__((target("avx2")))

namespace nolabel::avx2 {
namespace {

constexpr int kBlock = 16;  // bytes of a row per step of resample_columns
constexpr int kRows = 4;    // rows that share the weights in resample_rows

// 16 levels from sums of high and low products, lanes 0..7 and 8..15.
NOLABEL_AVX2 inline __m128i to_levels(const __m256i high[2], const __m256i low[2]) {
  const __m256i half = _mm256_set1_epi32(1 << (kWeightBits - 1));
  __m256i sums[2];
  for (int i = 0; i < 2; ++i) {
    const __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high[i], kLowBits), low[i]);
    sums[i] = _mm256_srai_epi32(_mm256_add_epi32(sum, half), kWeightBits);
  }
  const __m256i words =
      _mm256_permute4x64_epi64(_mm256_packus_epi32(sums[0], sums[1]), _MM_SHUFFLE(3, 1, 2, 0));
  return _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

// 16 bytes of target row y, from `top`, the same bytes of its first source row.
NOLABEL_AVX2 void column_block(const uint8_t* top, ptrdiff_t row_bytes, const Taps& taps, int y,
                               uint8_t* out) {
  const int count = taps.count[y];
  const int32_t* high_pairs = &taps.high[static_cast<size_t>(y) * taps.pair_stride];
  const int32_t* low_pairs = &taps.low[static_cast<size_t>(y) * taps.pair_stride];
  __m256i high[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  __m256i low[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  for (int k = 0; k < count; k += 2, top += 2 * row_bytes) {
    // An odd last row is paired with itself; its partner's weight is 0.
    const uint8_t* below = k + 1 < count ? top + row_bytes : top;
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(top));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(below));
    const __m256i pixels[2] = {_mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b)),
                               _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b))};
    const __m256i high_weight = _mm256_set1_epi32(high_pairs[k / 2]);
    const __m256i low_weight = _mm256_set1_epi32(low_pairs[k / 2]);
    for (int i = 0; i < 2; ++i) {
      high[i] = _mm256_add_epi32(high[i], _mm256_madd_epi16(pixels[i], high_weight));
      low[i] = _mm256_add_epi32(low[i], _mm256_madd_epi16(pixels[i], low_weight));
    }
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), to_levels(high, low));
}

// Target pixel x of kCount rows. Reads up to 3 pixels and 4 bytes past the last tap.
template <int kCount>
NOLABEL_AVX2 inline void row_pixels(const uint8_t* source, ptrdiff_t row_bytes, const Taps& taps,
                                    int x, uint8_t* out, ptrdiff_t out_row_bytes) {
  constexpr char z = -1;  // pixels 0 and 1 as pairs of red, green, blue; in the upper half 2 and 3
  const __m256i spread = _mm256_setr_epi8(0, z, 3, z, 1, z, 4, z, 2, z, 5, z, z, z, z, z,  //
                                          6, z, 9, z, 7, z, 10, z, 8, z, 11, z, z, z, z, z);
  const __m256i repeat = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
  const int32_t* high_pairs = &taps.high[static_cast<size_t>(x) * taps.pair_stride];
  const int32_t* low_pairs = &taps.low[static_cast<size_t>(x) * taps.pair_stride];
  __m256i high[kCount], low[kCount];
  for (int r = 0; r < kCount; ++r) high[r] = low[r] = _mm256_setzero_si256();
  const uint8_t* first = source + ptrdiff_t{taps.first[x]} * 3;
  for (int k = 0; k < taps.count[x]; k += 4) {
    const auto weights = [&](const int32_t* pairs) NOLABEL_AVX2 {
      const __m128i two = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(pairs + k / 2));
      return _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(two), repeat);
    };
    const __m256i high_weights = weights(high_pairs), low_weights = weights(low_pairs);
    for (int r = 0; r < kCount; ++r) {
      const auto* bytes = reinterpret_cast<const __m128i*>(first + r * row_bytes + k * 3);
      const __m256i pixels =
          _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(bytes)), spread);
      high[r] = _mm256_add_epi32(high[r], _mm256_madd_epi16(pixels, high_weights));
      low[r] = _mm256_add_epi32(low[r], _mm256_madd_epi16(pixels, low_weights));
    }
  }
  const __m128i half = _mm_set1_epi32(1 << (kWeightBits - 1));
  for (int r = 0; r < kCount; ++r) {
    const __m256i both = _mm256_add_epi32(_mm256_slli_epi32(high[r], kLowBits), low[r]);
    const __m128i sum =
        _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    const __m128i level = _mm_srai_epi32(_mm_add_epi32(sum, half), kWeightBits);
    const __m128i words = _mm_packus_epi32(level, level);
    const int pixel = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    std::memcpy(out + r * out_row_bytes + x * 3, &pixel, 3);
  }
}

// Target pixels [0, result) of a row can be made without a read past the row's end.
int safe_pixels(int source_width, const Taps& taps) {
  int x = 0;
  while (x < taps.length &&
         (taps.first[x] + (taps.count[x] + 3) / 4 * 4) * 3 + 4 <= source_width * 3) {
    ++x;
  }
  return x;
}

}  // namespace

NOLABEL_AVX2 void resample_rows(const uint8_t* source, int source_width, int rows, const Taps& taps,
                                uint8_t* out) {
  constexpr int kReadPast = 3 * 3 + 4;  // bytes; no more than one row, or it has no room here
  if (source_width * 3 < kReadPast)
    return plain::resample_rows(source, source_width, rows, taps, out);
  const ptrdiff_t row_bytes = ptrdiff_t{source_width} * 3,
                  out_row_bytes = ptrdiff_t{taps.length} * 3;
  const auto row = [&](int y) { return source + y * row_bytes; };
  const int last = rows - 1;
  int y = 0;
  for (; y + kRows <= last; y += kRows) {
    for (int x = 0; x < taps.length; ++x) {
      row_pixels<kRows>(row(y), row_bytes, taps, x, out + y * out_row_bytes, out_row_bytes);
    }
  }
  for (; y < last; ++y) {
    for (int x = 0; x < taps.length; ++x) {
      row_pixels<1>(row(y), row_bytes, taps, x, out + y * out_row_bytes, out_row_bytes);
    }
  }
  const int safe = safe_pixels(source_width, taps);
  for (int x = 0; x < safe; ++x) {
    row_pixels<1>(row(last), row_bytes, taps, x, out + last * out_row_bytes, out_row_bytes);
  }
  for (int x = safe; x < taps.length; ++x) {
    plain::resample_pixel(row(last), taps, x, out + last * out_row_bytes + x * 3);
  }
}

NOLABEL_AVX2 void resample_columns(const uint8_t* source, int row_bytes, const Taps& taps,
                                   uint8_t* out) {
  if (row_bytes < kBlock) return plain::resample_columns(source, row_bytes, taps, out);
  for (int y = 0; y < taps.length; ++y) {
    const uint8_t* top = source + static_cast<ptrdiff_t>(taps.first[y]) * row_bytes;
    uint8_t* to = out + static_cast<ptrdiff_t>(y) * row_bytes;
    for (int x = 0; x + kBlock <= row_bytes; x += kBlock) {
      column_block(top + x, row_bytes, taps, y, to + x);
    }
    // What is left of the row, together with bytes that are already right.
    const int tail = row_bytes - kBlock;
    if (row_bytes % kBlock != 0) column_block(top + tail, row_bytes, taps, y, to + tail);
  }
}

}  // namespace nolabel::avx2
