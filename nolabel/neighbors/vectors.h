// The rows that a search compares, each with the factor that makes it unit length. Private to this
// folder.
#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace nolabel {

// Rows per block of a search: a multiple of both kernel sides, so that a packed block of 128
// columns (246 kB) fits into a 512 kB second-level cache, and packing one costs little beside using
// it.
inline constexpr int64_t kBlock = 480;

// A matrix [rows, depth], which stays the caller's, and the factor that each row is multiplied
// with.
struct Vectors {
  const float* values;
  int64_t rows, depth;
  std::vector<float> scales;

  int64_t blocks() const { return (rows + kBlock - 1) / kBlock; }
  int64_t block_rows(int64_t block) const { return std::min(kBlock, rows - block * kBlock); }

  // Packs a block for the kernel (product_kernel.h), `width` rows interleaved.
  void pack(int64_t block, int width, float* packed) const;
  // Packs the rows that `ids` names, in groups of `width`.
  void pack(const uint32_t* ids, int64_t count, int width, float* packed) const;
};

// matrix: contiguous fp32 on the CPU, [rows, depth]. Factors of 1 unless `normalise` (eps 1e-12).
// Throws Error(Fault::data) for a value that is not finite or too large to be squared.
Vectors prepare_vectors(const at::Tensor& matrix, bool normalise, int threads);

}  // namespace nolabel
