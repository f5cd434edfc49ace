// Kernels of the backward pass: sums of gradients, what they give for each channel, and the
// gradients of the inputs.
#include "nolabel/cuda/norm_device.h"

namespace nolabel {
namespace {

constexpr int gradient_rows_at_once = 2;  // whose reads, of two or three matrices, are together

// The matrices' packs of a few rows of a thread.
template <class Value, int width, NormMask mask, int rows>
struct GradientRows {
  using Values = Pack<Value, width>;
  typename Values::Raw x[rows], dy[rows], y[rows];

  __device__ void load(const NormGrid& grid, const NormGradientInput& input, int64_t offset) {
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      const int64_t place = offset + r * step(grid);
      x[r] = Values::loaded(static_cast<const Value*>(input.x) + place);
      dy[r] = Values::loaded(static_cast<const Value*>(input.dy) + place);
      if constexpr (mask == NormMask::of_y) {
        y[r] = Values::loaded(static_cast<const Value*>(input.y) + place);
      }
    }
  }

  // x, and the gradient of the sum before ReLU.
  __device__ void decode(int r, const NormCoefficients (&channels)[width], float (&input)[width],
                         float (&gradient)[width]) const {
    Values::decode(x[r], input);
    Values::decode(dy[r], gradient);
    float output[width];
    if constexpr (mask == NormMask::of_y) Values::decode(y[r], output);
#pragma unroll
    for (int i = 0; i < width; ++i) {
      if constexpr (mask == NormMask::of_x) output[i] = normalised(channels[i], input[i]);
      if constexpr (mask != NormMask::none) gradient[i] = masked_gradient(output[i], gradient[i]);
    }
  }
};

template <class Value, int width, NormMask mask>
__global__ void __launch_bounds__(norm_threads)
    sum_gradients_kernel(NormGrid grid, NormGradientInput input, float* partials) {
  const ThreadPlace place = place_in(grid);
  NormCoefficients channels[width] = {};
  if (place.works) {
#pragma unroll
    for (int i = 0; i < width; ++i) channels[i] = input.coefficients[place.channel + i];
  }
  GradientSums sums[width] = {};
  for_rows<gradient_rows_at_once>(grid, place, [&](auto at_once, int64_t offset) {
    constexpr int rows = decltype(at_once)::value;
    GradientRows<Value, width, mask, rows> loaded;
    loaded.load(grid, input, offset);
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      float x[width], gradient[width];
      loaded.decode(r, channels, x, gradient);
#pragma unroll
      for (int i = 0; i < width; ++i) add_gradient(sums[i], gradient[i], x[i], channels[i].mean);
    }
  });
  add_up_rows(grid, place, sums, [](const GradientSums& a, const GradientSums& b) {
    return GradientSums{a.sum + b.sum, a.product + b.product};
  });
  if (place.down > 0 || !place.works) return;
  float* const own = partials + blockIdx.x * grid.channels + place.channel;
#pragma unroll
  for (int i = 0; i < width; ++i) {
    own[i] = sums[i].sum;
    own[grid.row_blocks * grid.channels + i] = sums[i].product;
  }
}

__global__ void __launch_bounds__(finishing_threads)
    finish_gradients_kernel(NormGrid grid, const float* partials,
                            const NormCoefficients* coefficients, float* for_weight,
                            float* for_bias, NormSlope* slopes) {
  const int thread = static_cast<int>(threadIdx.x), slice = thread / finished_channels;
  const int64_t channel = int64_t{blockIdx.x} * finished_channels + thread % finished_channels;
  const bool works = channel < grid.channels;
  double sum = 0, product = 0;
  for (int64_t block = slice; works && block < grid.row_blocks; block += finishing_slices) {
    const float* const own = partials + block * grid.channels + channel;
    sum += own[0];
    product += own[grid.row_blocks * grid.channels];
  }
  sum = total_of_slices(sum);
  product = total_of_slices(product);
  if (slice > 0 || !works) return;
  const NormCoefficients own = coefficients[channel];
  for_weight[channel] = static_cast<float>(product * own.inverse_std);
  for_bias[channel] = static_cast<float>(sum);
  slopes[channel] = slope_of(own, sum, product, static_cast<double>(grid.rows));
}

template <class Value, int width, NormMask mask>
__global__ void __launch_bounds__(norm_threads)
    write_gradients_kernel(NormGrid grid, NormGradientInput input, const NormSlope* slopes,
                           Value* for_x, Value* for_added) {
  const ThreadPlace place = place_in(grid);
  if (place.row >= place.end) return;
  NormCoefficients channels[width];
  NormSlope lines[width];
#pragma unroll
  for (int i = 0; i < width; ++i) {
    channels[i] = input.coefficients[place.channel + i];
    lines[i] = slopes[place.channel + i];
  }
  for_rows<gradient_rows_at_once>(grid, place, [&](auto at_once, int64_t offset) {
    constexpr int rows = decltype(at_once)::value;
    GradientRows<Value, width, mask, rows> loaded;
    loaded.load(grid, input, offset);
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      float x[width], gradient[width];
      loaded.decode(r, channels, x, gradient);
      const int64_t written = offset + r * step(grid);
      if constexpr (mask == NormMask::of_y)
        Pack<Value, width>::store(for_added + written, gradient);
#pragma unroll
      for (int i = 0; i < width; ++i) {
        x[i] = input_gradient(channels[i], lines[i], x[i], gradient[i]);
      }
      Pack<Value, width>::store(for_x + written, x);
    }
  });
}

template <NormMask value>
using MaskOf = std::integral_constant<NormMask, value>;

template <class Work>
void with_mask(NormMask mask, const Work& work) {
  switch (mask) {
    case NormMask::none:
      return work(MaskOf<NormMask::none>{});
    case NormMask::of_x:
      return work(MaskOf<NormMask::of_x>{});
    case NormMask::of_y:
      return work(MaskOf<NormMask::of_y>{});
  }
}

}  // namespace

void sum_gradients(NormType type, NormMask mask, const NormGrid& grid,
                   const NormGradientInput& input, float* partials, cudaStream_t stream) {
  with_matrix(type, grid, [&]<class Value, int width>(MatrixOf<Value, width>) {
    with_mask(mask, [&]<NormMask chosen>(MaskOf<chosen>) {
      sum_gradients_kernel<Value, width, chosen>
          <<<blocks_of(grid), norm_threads, 0, stream>>>(grid, input, partials);
    });
  });
  check_launch("sum_gradients");
}

void finish_gradients(const NormGrid& grid, const float* partials,
                      const NormCoefficients* coefficients, float* for_weight, float* for_bias,
                      NormSlope* slopes, cudaStream_t stream) {
  finish_gradients_kernel<<<finishing_blocks(grid), finishing_threads, 0, stream>>>(
      grid, partials, coefficients, for_weight, for_bias, slopes);
  check_launch("finish_gradients");
}

void write_gradients(NormType type, NormMask mask, const NormGrid& grid,
                     const NormGradientInput& input, const NormSlope* slopes, void* for_x,
                     void* for_added, cudaStream_t stream) {
  with_matrix(type, grid, [&]<class Value, int width>(MatrixOf<Value, width>) {
    with_mask(mask, [&]<NormMask chosen>(MaskOf<chosen>) {
      write_gradients_kernel<Value, width, chosen><<<blocks_of(grid), norm_threads, 0, stream>>>(
          grid, input, slopes, static_cast<Value*>(for_x), static_cast<Value*>(for_added));
    });
  });
  check_launch("write_gradients");
}

}  // namespace nolabel
