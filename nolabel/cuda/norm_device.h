// How the kernels of norm_kernels.h read, write and share work; for the CUDA compiler only. Private
// to cuda.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "nolabel/cuda/norm_kernels.h"

namespace nolabel {

// Of the types in memory: conversions of one value, and of a word of 4 bytes, whose lower half
// comes first.
template <class Value>
struct Codec;

template <>
struct Codec<float> {
  static __device__ float decoded(float value) { return value; }
  static __device__ float encoded(float value) { return value; }
  static __device__ void decode(uint32_t word, float* values) { *values = __uint_as_float(word); }
  static __device__ uint32_t encode(const float* values) { return __float_as_uint(*values); }
};

template <>
struct Codec<__nv_bfloat16> {
  static __device__ float decoded(__nv_bfloat16 value) { return __bfloat162float(value); }
  static __device__ __nv_bfloat16 encoded(float value) { return __float2bfloat16_rn(value); }
  static __device__ void decode(uint32_t word, float* values) {
    values[0] = __uint_as_float(word << 16);
    values[1] = __uint_as_float(word & 0xFFFF0000u);
  }
  static __device__ uint32_t encode(const float* values) {
    const __nv_bfloat162 pair = __floats2bfloat162_rn(values[0], values[1]);
    uint32_t word;
    memcpy(&word, &pair, sizeof(word));
    return word;
  }
};

template <>
struct Codec<__half> {
  static __device__ float decoded(__half value) { return __half2float(value); }
  static __device__ __half encoded(float value) { return __float2half_rn(value); }
  static __device__ void decode(uint32_t word, float* values) {
    __half2 pair;
    memcpy(&pair, &word, sizeof(word));
    const float2 both = __half22float2(pair);
    values[0] = both.x;
    values[1] = both.y;
  }
  static __device__ uint32_t encode(const float* values) {
    const __half2 pair = __floats2half2_rn(values[0], values[1]);
    uint32_t word;
    memcpy(&word, &pair, sizeof(word));
    return word;
  }
};

// The channels of a thread in one row: 16 bytes, or one value.
template <class Value, int width>
struct Pack {
  static_assert(width == 1 || width * sizeof(Value) == sizeof(uint4));
  using Raw = std::conditional_t<width == 1, Value, uint4>;
  static constexpr int per_word = sizeof(uint32_t) / sizeof(Value);

  static __device__ Raw loaded(const Value* place) {
    return __ldg(reinterpret_cast<const Raw*>(place));
  }

  static __device__ void decode(const Raw& raw, float (&values)[width]) {
    if constexpr (width == 1) {
      values[0] = Codec<Value>::decoded(raw);
    } else {
      Codec<Value>::decode(raw.x, values);
      Codec<Value>::decode(raw.y, values + per_word);
      Codec<Value>::decode(raw.z, values + 2 * per_word);
      Codec<Value>::decode(raw.w, values + 3 * per_word);
    }
  }

  static __device__ void store(Value* place, const float (&values)[width]) {
    if constexpr (width == 1) {
      *place = Codec<Value>::encoded(values[0]);
    } else {
      *reinterpret_cast<uint4*>(place) = {
          Codec<Value>::encode(values), Codec<Value>::encode(values + per_word),
          Codec<Value>::encode(values + 2 * per_word), Codec<Value>::encode(values + 3 * per_word)};
    }
  }
};

struct ThreadPlace {
  bool works;       // else no channel or row is this thread's
  int down;         // its number among the threads of the same channels
  int64_t channel;  // its first
  int64_t row;      // its first; it need not be one of the matrix
  int64_t end;      // of the block's rows
};

inline __device__ ThreadPlace place_in(const NormGrid& grid) {
  const int thread = static_cast<int>(threadIdx.x);
  const int down = thread / grid.across, across = thread % grid.across;
  const int64_t channel = (int64_t{blockIdx.y} * grid.across + across) * grid.width;
  const bool works = down < grid.down && channel < grid.channels;
  const int64_t first = grid.first_row(blockIdx.x);
  return {works, down, channel, first + down, works ? grid.end_row(blockIdx.x) : first};
}

// Calls work(count, offset) for all rows of the thread: `count`, a constant, of them, `at_once`
// where there are as many, whose values begin at `offset` and step(grid) further on each.
template <int at_once, class Work>
__device__ void for_rows(const NormGrid& grid, const ThreadPlace& place, const Work& work) {
  int64_t row = place.row;
  for (; row + (at_once - 1) * grid.down < place.end; row += at_once * grid.down) {
    work(std::integral_constant<int, at_once>{}, row * grid.channels + place.channel);
  }
  for (; row < place.end; row += grid.down) {
    work(std::integral_constant<int, 1>{}, row * grid.channels + place.channel);
  }
}

inline __device__ int64_t step(const NormGrid& grid) {
  return grid.down * grid.channels;
}

// Adds up what the threads of the same channels have, by add(a, b) -> a, in an order that the grid
// alone decides; the sum is in the first of them. `own`: of each channel of the thread.
template <int width, class Sum, class Add>
__device__ void add_up_rows(const NormGrid& grid, const ThreadPlace& place, Sum (&own)[width],
                            const Add& add) {
  // Word by word, so that neighboring threads use neighboring banks.
  constexpr int words = sizeof(Sum) / sizeof(float);
  __shared__ float shared[width * words][norm_threads];
  const int thread = static_cast<int>(threadIdx.x);
  int half = 1;
  while (2 * half < grid.down) half *= 2;
  for (; half > 0; half /= 2) {
    if (place.down >= half && place.down < 2 * half) {
#pragma unroll
      for (int i = 0; i < width; ++i) {
        float parts[words];
        memcpy(parts, &own[i], sizeof(Sum));
#pragma unroll
        for (int word = 0; word < words; ++word) shared[i * words + word][thread] = parts[word];
      }
    }
    __syncthreads();
    if (place.down < half && place.down + half < grid.down) {
      const int other = thread + half * grid.across;
#pragma unroll
      for (int i = 0; i < width; ++i) {
        float parts[words];
#pragma unroll
        for (int word = 0; word < words; ++word) parts[word] = shared[i * words + word][other];
        Sum theirs;
        memcpy(&theirs, parts, sizeof(Sum));
        own[i] = add(own[i], theirs);
      }
    }
    __syncthreads();
  }
}

// The kernels that add up the partial results of all row blocks: a block has a few channels, and
// each of its threads one of them and every 64th row block.
constexpr int finished_channels = 8, finishing_slices = 64;
constexpr int finishing_threads = finished_channels * finishing_slices;

// The sum of `value` over the slices of a channel, for all of them.
inline __device__ double total_of_slices(double value) {
  __shared__ double values[finishing_threads];
  const int thread = static_cast<int>(threadIdx.x), slice = thread / finished_channels;
  __syncthreads();  // all have read what the call before left
  values[thread] = value;
  __syncthreads();
  for (int half = finishing_slices / 2; half > 0; half /= 2) {
    if (slice < half) values[thread] += values[thread + half * finished_channels];
    __syncthreads();
  }
  return values[thread % finished_channels];
}

inline dim3 blocks_of(const NormGrid& grid) {
  return {static_cast<unsigned>(grid.row_blocks), static_cast<unsigned>(grid.column_blocks), 1};
}

inline unsigned finishing_blocks(const NormGrid& grid) {
  return static_cast<unsigned>((grid.channels + finished_channels - 1) / finished_channels);
}

template <class Value, int width>
struct MatrixOf {
  using Type = Value;
  static constexpr int channels_of_thread = width;
};

// Calls work(MatrixOf<...>) of the type and the grid's width, which is 1 or norm_width(type).
template <class Work>
void with_matrix(NormType type, const NormGrid& grid, const Work& work) {
  const auto chosen = [&]<class Value, int width>(MatrixOf<Value, width> wide) {
    if (grid.width == 1) {
      work(MatrixOf<Value, 1>{});
    } else if (grid.width == width) {
      work(wide);
    } else {
      throw std::runtime_error("batch norm's kernels have no such width");
    }
  };
  switch (type) {
    case NormType::bf16:
      return chosen(MatrixOf<__nv_bfloat16, norm_width(NormType::bf16)>{});
    case NormType::fp16:
      return chosen(MatrixOf<__half, norm_width(NormType::fp16)>{});
    case NormType::fp32:
      return chosen(MatrixOf<float, norm_width(NormType::fp32)>{});
  }
}

inline void check_launch(const char* kernel) {
  const cudaError_t error = cudaGetLastError();
  if (error == cudaSuccess) return;
  throw std::runtime_error(std::string("the kernel ") + kernel +
                           " does not start: " + cudaGetErrorString(error));
}

}  // namespace nolabel
