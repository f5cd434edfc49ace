// The arithmetic of exact search: inner products of a few rows with a few columns, in registers.
//
// Rows and columns are packed, so that the kernel reads memory in order:
//   row group     [depth][rows]     columns of `rows` vectors, interleaved
//   column panel  [depth][columns]  the same for the other side
// Private to this folder.
#pragma once

#include <cstdint>

namespace nolabel {

inline constexpr int kGroupRows = 6;  // 6 x 16 sums are 12 of AVX2's 16 registers
inline constexpr int kPanelColumns = 16;

// sums[r][c] += Σ_d group[d][r] * panel[d][c]; sums is [kGroupRows, kPanelColumns].
using ProductKernel = void (*)(const float* group, const float* panel, int64_t depth, float* sums);

// In plain C++, for every processor.
void portable_products(const float* group, const float* panel, int64_t depth, float* sums);

// The fastest that this processor can run.
ProductKernel product_kernel();

// sums[r][c] = row r · column c of one panel, for `rows` packed rows (whole groups are computed);
// sums has room for whole groups, [rows, kPanelColumns].
void multiply_panel(ProductKernel kernel, const float* groups, const float* panel, int64_t rows,
                    int64_t depth, float* sums);

// Interleaves `count` <= width rows of [.., depth] (row stride = depth), each times its scale:
// packed[d][r] = rows[r][d] * scales[r], 0 for r >= count.
void pack_rows(const float* rows, const float* scales, int64_t count, int64_t depth, int width,
               float* packed);

}  // namespace nolabel
