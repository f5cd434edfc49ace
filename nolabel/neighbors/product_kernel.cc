#include "nolabel/neighbors/product_kernel.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace nolabel {

void portable_products(const float* group, const float* panel, int64_t depth, float* sums) {
  for (int64_t d = 0; d < depth; ++d, group += kGroupRows, panel += kPanelColumns) {
    for (int r = 0; r < kGroupRows; ++r) {
      for (int c = 0; c < kPanelColumns; ++c) sums[r * kPanelColumns + c] += group[r] * panel[c];
    }
  }
}

#if defined(__x86_64__)
namespace {

__attribute__((target("avx2,fma"))) void avx2_products(const float* group, const float* panel,
                                                       int64_t depth, float* sums) {
  __m256 sum[kGroupRows][2];
#pragma GCC unroll 6
  for (int r = 0; r < kGroupRows; ++r) {
    sum[r][0] = _mm256_loadu_ps(sums + r * kPanelColumns);
    sum[r][1] = _mm256_loadu_ps(sums + r * kPanelColumns + 8);
  }
  for (int64_t d = 0; d < depth; ++d, group += kGroupRows, panel += kPanelColumns) {
    const __m256 left = _mm256_loadu_ps(panel), right = _mm256_loadu_ps(panel + 8);
#pragma GCC unroll 6
    for (int r = 0; r < kGroupRows; ++r) {
      const __m256 value = _mm256_broadcast_ss(group + r);
      sum[r][0] = _mm256_fmadd_ps(value, left, sum[r][0]);
      sum[r][1] = _mm256_fmadd_ps(value, right, sum[r][1]);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < kGroupRows; ++r) {
    _mm256_storeu_ps(sums + r * kPanelColumns, sum[r][0]);
    _mm256_storeu_ps(sums + r * kPanelColumns + 8, sum[r][1]);
  }
}

}  // namespace

ProductKernel product_kernel() {
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return avx2 ? avx2_products : portable_products;
}
#else
ProductKernel product_kernel() {
  return portable_products;
}
#endif

void multiply_panel(ProductKernel kernel, const float* groups, const float* panel, int64_t rows,
                    int64_t depth, float* sums) {
  // Columns multiplied before the sums go back to memory: a panel's slice (16 kB) stays in the
  // first-level cache when features are wide.
  constexpr int64_t slice = 256;
  const int64_t padded = (rows + kGroupRows - 1) / kGroupRows * kGroupRows;
  std::fill_n(sums, padded * kPanelColumns, 0.0f);
  for (int64_t d = 0; d < depth; d += slice) {
    const int64_t length = std::min(slice, depth - d);
    for (int64_t r = 0; r < rows; r += kGroupRows) {
      kernel(groups + r * depth + d * kGroupRows, panel + d * kPanelColumns, length,
             sums + r * kPanelColumns);
    }
  }
}

void pack_rows(const float* rows, const float* scales, int64_t count, int64_t depth, int width,
               float* packed) {
  for (int r = 0; r < width; ++r) {
    if (r >= count) {
      for (int64_t d = 0; d < depth; ++d) packed[d * width + r] = 0;
      continue;
    }
    const float* row = rows + r * depth;
    const float scale = scales[r];
    for (int64_t d = 0; d < depth; ++d) packed[d * width + r] = row[d] * scale;
  }
}

}  // namespace nolabel
