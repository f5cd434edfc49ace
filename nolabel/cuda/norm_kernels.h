// The kernels of fused_norm.h, on bare memory of the device: what the CUDA compiler and the C++
// compiler both see. Private to cuda.
//
// Matrices are dense, [rows, channels] of their NormGrid. Each function puts one kernel into the
// stream, and throws std::runtime_error with its name when the device refuses.
#pragma once

#include <cuda_runtime_api.h>

#include "nolabel/gpu/norm_arithmetic.h"
#include "nolabel/gpu/norm_grid.h"

namespace nolabel {

// All matrices of a call have this type. With a width above 1 (of the grid), they begin at a
// multiple of 16 bytes.
enum class NormType { bf16, fp16, fp32 };

// Channels that a thread reads as 16 bytes.
constexpr int norm_width(NormType type) {
  return type == NormType::fp32 ? 4 : 8;
}

// Where ReLU's derivative comes from: there is no ReLU, the value before it is computed again from
// x, or its output is there.
enum class NormMask { none, of_x, of_y };

// Each [channels].
struct NormChannels {
  const float *weight, *bias;
  float *running_mean, *running_variance;  // or null
  double momentum, epsilon;
};

// partials [3, row_blocks, channels]: of each block a reference, the mean less the reference, and
// the sum of squares around the mean.
void sum_statistics(NormType type, const NormGrid& grid, const void* x, float* partials,
                    cudaStream_t stream);
void finish_statistics(const NormGrid& grid, const float* partials, const NormChannels& channels,
                       NormCoefficients* coefficients, cudaStream_t stream);

// added: or null.
void write_normalised(NormType type, const NormGrid& grid, const void* x, const void* added,
                      const NormCoefficients* coefficients, bool rectifies, void* y,
                      cudaStream_t stream);

struct NormGradientInput {
  const void *x, *dy;
  const void* y;  // with NormMask::of_y
  const NormCoefficients* coefficients;
};

// partials [2, row_blocks, channels]: each GradientSums.
void sum_gradients(NormType type, NormMask mask, const NormGrid& grid,
                   const NormGradientInput& input, float* partials, cudaStream_t stream);
void finish_gradients(const NormGrid& grid, const float* partials,
                      const NormCoefficients* coefficients, float* for_weight, float* for_bias,
                      NormSlope* slopes, cudaStream_t stream);
// for_added: with NormMask::of_y.
void write_gradients(NormType type, NormMask mask, const NormGrid& grid,
                     const NormGradientInput& input, const NormSlope* slopes, void* for_x,
                     void* for_added, cudaStream_t stream);

}  // namespace nolabel
