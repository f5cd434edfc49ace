#include "nolabel/cuda/fused_norm.h"

#include <ATen/ATen.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <cstdint>
#include <initializer_list>

#include "nolabel/cuda/norm_kernels.h"

namespace nolabel {
namespace {

constexpr auto channels_last = at::MemoryFormat::ChannelsLast;

NormType norm_type(const at::Tensor& x) {
  switch (x.scalar_type()) {
    case at::kBFloat16:
      return NormType::bf16;
    case at::kHalf:
      return NormType::fp16;
    case at::kFloat:
      return NormType::fp32;
    default:
      break;
  }
  TORCH_CHECK(false, "batch norm's kernels take bf16, fp16 or fp32. Received ", x.scalar_type());
}

void check_values(const at::Tensor& values, const at::Tensor& x) {
  TORCH_CHECK(values.device() == x.device() && values.scalar_type() == x.scalar_type() &&
                  values.sizes() == x.sizes() && values.is_contiguous(channels_last),
              "batch norm's kernels take values of one type, shape and device, dense in "
              "channels-last order. Received ",
              values.toString(), values.sizes(), " beside ", x.toString(), x.sizes());
}

void check_channels(const at::Tensor& values, const at::Tensor& x) {
  TORCH_CHECK(values.device() == x.device() && values.scalar_type() == at::kFloat &&
                  values.numel() == x.size(1) && values.is_contiguous(),
              "batch norm's kernels take fp32 of every channel, on the device of x. Received ",
              values.toString(), values.sizes());
}

void check_x(const at::Tensor& x) {
  // A launch has at most 65535 blocks of columns.
  constexpr int64_t most_channels = 1 << 19;
  TORCH_CHECK(x.is_cuda() && x.dim() == 4 && x.numel() > 0 && x.size(1) <= most_channels,
              "batch norm's kernels take [B,C,H,W] on a GPU, not empty, C up to ", most_channels,
              ". Received ", x.toString(), x.sizes());
  check_values(x, x);
}

// 16 bytes at once where the memory of all matrices and their rows allow it, else value by value.
int width_for(const at::Tensor& x, std::initializer_list<const void*> matrices) {
  constexpr uintptr_t bytes_at_once = 16;
  const int width = norm_width(norm_type(x));
  if (x.size(1) % width != 0) return 1;
  for (const void* const matrix : matrices) {
    if (reinterpret_cast<uintptr_t>(matrix) % bytes_at_once != 0) return 1;
  }
  return width;
}

NormGrid grid_for(const at::Tensor& x, int width, int64_t wanted_blocks) {
  return norm_grid(x.numel() / x.size(1), x.size(1), width, wanted_blocks);
}

at::Tensor new_floats(const at::Tensor& x, at::IntArrayRef shape) {
  return at::empty(shape,
                   x.options().dtype(at::kFloat).memory_format(at::MemoryFormat::Contiguous));
}

at::Tensor new_values(const at::Tensor& x) {
  return at::empty(x.sizes(), x.options().memory_format(channels_last));
}

const void* read_from(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.const_data_ptr() : nullptr;
}

float* kept_in(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.mutable_data_ptr<float>() : nullptr;
}

FusedNormOutput fused_forward(const FusedNormInput& input) {
  const at::Tensor& x = input.x;
  check_x(x);
  if (input.added.defined()) check_values(input.added, x);
  check_channels(input.weight, x);
  check_channels(input.bias, x);
  TORCH_CHECK(input.running_mean.defined() == input.running_variance.defined(),
              "batch norm keeps both running statistics or none");
  if (input.running_mean.defined()) {
    check_channels(input.running_mean, x);
    check_channels(input.running_variance, x);
  }
  const c10::cuda::CUDAGuard guard(x.device());
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream();
  const NormType type = norm_type(x);
  const at::Tensor y = new_values(x), coefficients = new_floats(x, {x.size(1), 4});
  const void *const matrix = x.const_data_ptr(), *const added = read_from(input.added);
  const int width = width_for(x, {matrix, added, y.const_data_ptr()});
  const NormGrid sums = grid_for(x, width, blocks_that_sum);
  const at::Tensor partials = new_floats(x, {3, sums.row_blocks, sums.channels});
  auto* const channels =
      reinterpret_cast<NormCoefficients*>(coefficients.mutable_data_ptr<float>());
  sum_statistics(type, sums, matrix, partials.mutable_data_ptr<float>(), stream);
  finish_statistics(sums, partials.const_data_ptr<float>(),
                    {.weight = input.weight.const_data_ptr<float>(),
                     .bias = input.bias.const_data_ptr<float>(),
                     .running_mean = kept_in(input.running_mean),
                     .running_variance = kept_in(input.running_variance),
                     .momentum = input.momentum,
                     .epsilon = input.epsilon},
                    channels, stream);
  write_normalised(type, grid_for(x, width, blocks_that_rewrite), matrix, added, channels,
                   input.rectifies, y.mutable_data_ptr(), stream);
  return {.y = y, .coefficients = coefficients};
}

NormMask mask_of(const FusedNormSaved& saved) {
  if (!saved.rectifies) return NormMask::none;
  return saved.has_added ? NormMask::of_y : NormMask::of_x;
}

FusedNormGradients fused_backward(const FusedNormSaved& saved, const at::Tensor& dy) {
  const at::Tensor& x = saved.x;
  const NormMask mask = mask_of(saved);
  check_x(x);
  check_values(dy, x);
  if (mask == NormMask::of_y) check_values(saved.y, x);
  const c10::cuda::CUDAGuard guard(x.device());
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream();
  const NormType type = norm_type(x);
  FusedNormGradients result{.x = new_values(x),
                            .added = {},
                            .weight = new_floats(x, {x.size(1)}),
                            .bias = new_floats(x, {x.size(1)})};
  if (mask == NormMask::of_y) {
    result.added = new_values(x);
  } else if (saved.has_added) {
    result.added = dy;
  }
  const at::Tensor slopes = new_floats(x, {x.size(1), 2});
  const NormGradientInput input{.x = x.const_data_ptr(),
                                .dy = dy.const_data_ptr(),
                                .y = mask == NormMask::of_y ? saved.y.const_data_ptr() : nullptr,
                                .coefficients = reinterpret_cast<const NormCoefficients*>(
                                    saved.coefficients.const_data_ptr<float>())};
  void* const for_x = result.x.mutable_data_ptr();
  void* const for_added = mask == NormMask::of_y ? result.added.mutable_data_ptr() : nullptr;
  const int width = width_for(x, {input.x, input.dy, input.y, for_x, for_added});
  const NormGrid sums = grid_for(x, width, blocks_that_sum);
  const at::Tensor partials = new_floats(x, {2, sums.row_blocks, sums.channels});
  auto* const lines = reinterpret_cast<NormSlope*>(slopes.mutable_data_ptr<float>());
  sum_gradients(type, mask, sums, input, partials.mutable_data_ptr<float>(), stream);
  finish_gradients(sums, partials.const_data_ptr<float>(), input.coefficients,
                   result.weight.mutable_data_ptr<float>(), result.bias.mutable_data_ptr<float>(),
                   lines, stream);
  write_gradients(type, mask, grid_for(x, width, blocks_that_rewrite), input, lines, for_x,
                  for_added, stream);
  return result;
}

}  // namespace

FusedNorm fused_norm_of_gpu() {
  return {.forward = fused_forward, .backward = fused_backward};
}

}  // namespace nolabel
