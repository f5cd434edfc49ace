#include "nolabel/neighbors/vectors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/neighbors/product_kernel.h"

namespace nolabel {

static_assert(kBlock % kGroupRows == 0 && kBlock % kPanelColumns == 0);

void Vectors::pack(int64_t block, int width, float* packed) const {
  const int64_t first = block * kBlock, count = block_rows(block);
  for (int64_t r = 0; r < count; r += width) {
    pack_rows(values + (first + r) * depth, scales.data() + first + r, count - r, depth, width,
              packed + r * depth);
  }
}

void Vectors::pack(const uint32_t* ids, int64_t count, int width, float* packed) const {
  const int64_t padded = (count + width - 1) / width * width;
  for (int64_t r = 0; r < padded; ++r) {
    float* column = packed + r / width * width * depth + r % width;
    const float* row = r < count ? values + ids[r] * depth : nullptr;
    const float scale = r < count ? scales[ids[r]] : 0;
    for (int64_t d = 0; d < depth; ++d) column[d * width] = row ? row[d] * scale : 0;
  }
}

Vectors prepare_vectors(const at::Tensor& matrix, bool normalise, int threads) {
  NOLABEL_ASSERT(matrix.dim() == 2 && matrix.scalar_type() == at::kFloat && matrix.is_cpu() &&
                 matrix.is_contiguous());
  Vectors vectors{matrix.const_data_ptr<float>(), matrix.size(0), matrix.size(1), {}};
  vectors.scales.assign(vectors.rows, 1.0f);
  parallel_for(vectors.rows, threads, 1024, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      float square = 0;  // in fp32: what overflows here could overflow in a product
      for (int64_t d = 0; d < vectors.depth; ++d) {
        const float value = vectors.values[i * vectors.depth + d];
        square += value * value;
      }
      if (!std::isfinite(square)) {
        fail_data("features must be finite and below 1e18. Row {} is not.", i);
      }
      if (normalise) vectors.scales[i] = 1 / std::max(std::sqrt(square), 1e-12f);
    }
  });
  return vectors;
}

}  // namespace nolabel
