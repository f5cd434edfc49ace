// Kernels of the forward pass: statistics, what they give for each channel, and the values.
#include "nolabel/cuda/norm_device.h"

namespace nolabel {
namespace {

constexpr int rows_at_once = 4;  // whose reads are under way together

template <class Value, int width>
__global__ void __launch_bounds__(norm_threads)
    sum_statistics_kernel(NormGrid grid, const Value* x, float* partials) {
  using Values = Pack<Value, width>;
  const ThreadPlace place = place_in(grid);
  float values[width];
  ShiftedSums sums[width] = {};
  int64_t count = 0;
  if (place.row < place.end) {
    Values::decode(Values::loaded(x + place.row * grid.channels + place.channel), values);
#pragma unroll
    for (int i = 0; i < width; ++i) sums[i].shift = values[i];
  }
  for_rows<rows_at_once>(grid, place, [&](auto at_once, int64_t offset) {
    constexpr int rows = decltype(at_once)::value;
    typename Values::Raw raw[rows];
#pragma unroll
    for (int r = 0; r < rows; ++r) raw[r] = Values::loaded(x + offset + r * step(grid));
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      Values::decode(raw[r], values);
#pragma unroll
      for (int i = 0; i < width; ++i) add_value(sums[i], values[i]);
    }
    count += rows;
  });
  float reference[width] = {};
  if (place.works) {
    const int64_t first = grid.first_row(blockIdx.x);
    Values::decode(Values::loaded(x + first * grid.channels + place.channel), reference);
  }
  Moments moments[width];
#pragma unroll
  for (int i = 0; i < width; ++i) moments[i] = moments_of(sums[i], count, reference[i]);
  add_up_rows(grid, place, moments,
              [](const Moments& a, const Moments& b) { return merged(a, b); });
  if (place.down > 0 || !place.works) return;
  const int64_t size = grid.row_blocks * grid.channels;
  float* const own = partials + blockIdx.x * grid.channels + place.channel;
#pragma unroll
  for (int i = 0; i < width; ++i) {
    own[i] = reference[i];
    own[size + i] = moments[i].mean;
    own[2 * size + i] = moments[i].square_sum;
  }
}

// fp64: the means of blocks may be far from 0 and close together.
__global__ void __launch_bounds__(finishing_threads)
    finish_statistics_kernel(NormGrid grid, const float* partials, NormChannels channels,
                             NormCoefficients* coefficients) {
  const int thread = static_cast<int>(threadIdx.x), slice = thread / finished_channels;
  const int64_t channel = int64_t{blockIdx.x} * finished_channels + thread % finished_channels;
  const bool works = channel < grid.channels;
  const int64_t size = grid.row_blocks * grid.channels;
  const auto for_blocks = [&](const auto& work) {
    for (int64_t block = slice; works && block < grid.row_blocks; block += finishing_slices) {
      const float* const own = partials + block * grid.channels + channel;
      const auto count = static_cast<double>(grid.end_row(block) - grid.first_row(block));
      work(count, static_cast<double>(own[0]) + own[size], own[2 * size]);
    }
  };
  double sum = 0;
  for_blocks([&](double count, double mean, float) { sum += count * mean; });
  const double rows = static_cast<double>(grid.rows), mean = total_of_slices(sum) / rows;
  double square_sum = 0;
  for_blocks([&](double count, double mean_of_block, float squares) {
    const double difference = mean_of_block - mean;
    square_sum += squares + count * difference * difference;
  });
  square_sum = total_of_slices(square_sum);
  if (slice > 0 || !works) return;
  coefficients[channel] = coefficients_of(mean, square_sum / rows, channels.weight[channel],
                                          channels.bias[channel], channels.epsilon);
  if (!channels.running_mean) return;
  float &kept_mean = channels.running_mean[channel],
        &kept_variance = channels.running_variance[channel];
  kept_mean = updated(kept_mean, mean, channels.momentum);
  kept_variance = updated(kept_variance, square_sum / (rows - 1), channels.momentum);
}

template <class Value, int width, bool has_added>
__global__ void __launch_bounds__(norm_threads)
    write_normalised_kernel(NormGrid grid, const Value* x, const Value* added,
                            const NormCoefficients* coefficients, bool rectifies, Value* y) {
  using Values = Pack<Value, width>;
  const ThreadPlace place = place_in(grid);
  if (place.row >= place.end) return;
  NormCoefficients channels[width];
#pragma unroll
  for (int i = 0; i < width; ++i) channels[i] = coefficients[place.channel + i];
  for_rows<rows_at_once>(grid, place, [&](auto at_once, int64_t offset) {
    constexpr int rows = decltype(at_once)::value;
    typename Values::Raw raw[rows];
    [[maybe_unused]] typename Values::Raw raw_added[rows];
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      raw[r] = Values::loaded(x + offset + r * step(grid));
      if constexpr (has_added) raw_added[r] = Values::loaded(added + offset + r * step(grid));
    }
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      float values[width];
      [[maybe_unused]] float terms[width];
      Values::decode(raw[r], values);
      if constexpr (has_added) Values::decode(raw_added[r], terms);
#pragma unroll
      for (int i = 0; i < width; ++i) {
        values[i] = normalised(channels[i], values[i]);
        if constexpr (has_added) values[i] += terms[i];
        if (rectifies) values[i] = rectified(values[i]);
      }
      Values::store(y + offset + r * step(grid), values);
    }
  });
}

}  // namespace

void sum_statistics(NormType type, const NormGrid& grid, const void* x, float* partials,
                    cudaStream_t stream) {
  with_matrix(type, grid, [&]<class Value, int width>(MatrixOf<Value, width>) {
    sum_statistics_kernel<Value, width><<<blocks_of(grid), norm_threads, 0, stream>>>(
        grid, static_cast<const Value*>(x), partials);
  });
  check_launch("sum_statistics");
}

void finish_statistics(const NormGrid& grid, const float* partials, const NormChannels& channels,
                       NormCoefficients* coefficients, cudaStream_t stream) {
  finish_statistics_kernel<<<finishing_blocks(grid), finishing_threads, 0, stream>>>(
      grid, partials, channels, coefficients);
  check_launch("finish_statistics");
}

void write_normalised(NormType type, const NormGrid& grid, const void* x, const void* added,
                      const NormCoefficients* coefficients, bool rectifies, void* y,
                      cudaStream_t stream) {
  with_matrix(type, grid, [&]<class Value, int width>(MatrixOf<Value, width>) {
    auto* const kernel = added ? write_normalised_kernel<Value, width, true>
                               : write_normalised_kernel<Value, width, false>;
    kernel<<<blocks_of(grid), norm_threads, 0, stream>>>(
        grid, static_cast<const Value*>(x), static_cast<const Value*>(added), coefficients,
        rectifies, static_cast<Value*>(y));
  });
  check_launch("write_normalised");
}

}  // namespace nolabel
