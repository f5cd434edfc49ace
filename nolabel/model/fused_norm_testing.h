// The operator of gpu/fused_norm.h on the CPU: the kernels' arithmetic and division of work
// (gpu/norm_arithmetic.h, gpu/norm_grid.h), one thread of a block after the other. For tests.
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "nolabel/gpu/fused_norm.h"
#include "nolabel/gpu/norm_arithmetic.h"
#include "nolabel/gpu/norm_grid.h"

namespace nolabel::testing_fused_norm {

// [rows, channels] of fp32 with all values of bf16, fp16 or fp32 exactly.
inline at::Tensor exact_rows(const at::Tensor& x) {
  return x.permute({0, 2, 3, 1}).reshape({-1, x.size(1)}).to(at::kFloat).contiguous();
}

// Rounded once.
inline at::Tensor values_of(const at::Tensor& rows, const at::Tensor& like) {
  const at::Tensor images =
      rows.view({like.size(0), like.size(2), like.size(3), like.size(1)}).permute({0, 3, 1, 2});
  return images.to(like.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
}

inline NormGrid grid_of(const at::Tensor& x) {
  const int width = x.size(1) % 8 == 0 ? 8 : 1;
  return norm_grid(x.numel() / x.size(1), x.size(1), width, blocks_that_sum);
}

// Of one channel of one block: sum_of(first row, end, step) for every thread, and the sums of all
// threads by add(a, b), in the kernels' order.
template <class SumOf, class Add>
auto sum_of_block(const NormGrid& grid, int64_t block, const SumOf& sum_of, const Add& add) {
  std::vector<decltype(sum_of(0, 0, 0))> sums;
  for (int down = 0; down < grid.down; ++down) {
    sums.push_back(sum_of(grid.first_row(block) + down, grid.end_row(block), grid.down));
  }
  int half = 1;
  while (2 * half < grid.down) half *= 2;
  for (; half > 0; half /= 2) {
    for (int down = 0; down < half && down + half < grid.down; ++down) {
      sums[down] = add(sums[down], sums[down + half]);
    }
  }
  return sums[0];
}

struct WholeMoments {
  double mean, square_sum;
};

inline WholeMoments moments_of_channel(const NormGrid& grid, const float* x) {
  std::vector<double> means, square_sums, counts;
  for (int64_t block = 0; block < grid.row_blocks; ++block) {
    const float reference = x[grid.first_row(block) * grid.channels];
    const auto sum_of = [&](int64_t row, int64_t end, int64_t step) {
      ShiftedSums sums{row < end ? x[row * grid.channels] : 0, 0, 0};
      int64_t count = 0;
      for (; row < end; row += step, ++count) add_value(sums, x[row * grid.channels]);
      return moments_of(sums, count, reference);
    };
    const Moments own = sum_of_block(grid, block, sum_of, merged);
    means.push_back(static_cast<double>(reference) + own.mean);
    square_sums.push_back(own.square_sum);
    counts.push_back(own.count);
  }
  WholeMoments whole{0, 0};
  for (size_t i = 0; i < means.size(); ++i) whole.mean += counts[i] * means[i];
  whole.mean /= grid.rows;
  for (size_t i = 0; i < means.size(); ++i) {
    const double difference = means[i] - whole.mean;
    whole.square_sum += square_sums[i] + counts[i] * difference * difference;
  }
  return whole;
}

inline FusedNormOutput forward_by_loops(const FusedNormInput& input) {
  const NormGrid grid = grid_of(input.x);
  const at::Tensor x = exact_rows(input.x), y = at::empty_like(x);
  const at::Tensor added = input.added.defined() ? exact_rows(input.added) : at::zeros_like(x);
  const at::Tensor coefficients = at::empty({grid.channels, 4}, at::kFloat);
  for (int64_t c = 0; c < grid.channels; ++c) {
    const float* const values = x.const_data_ptr<float>() + c;
    const float* const terms = added.const_data_ptr<float>() + c;
    const WholeMoments batch = moments_of_channel(grid, values);
    const NormCoefficients channel =
        coefficients_of(batch.mean, batch.square_sum / grid.rows, input.weight[c].item<float>(),
                        input.bias[c].item<float>(), input.epsilon);
    reinterpret_cast<NormCoefficients*>(coefficients.mutable_data_ptr<float>())[c] = channel;
    if (input.running_mean.defined()) {
      float& mean = input.running_mean.mutable_data_ptr<float>()[c];
      float& variance = input.running_variance.mutable_data_ptr<float>()[c];
      mean = updated(mean, batch.mean, input.momentum);
      variance = updated(variance, batch.square_sum / (grid.rows - 1), input.momentum);
    }
    for (int64_t at = 0; at < x.numel(); at += grid.channels) {
      const float sum = normalised(channel, values[at]) + terms[at];
      y.mutable_data_ptr<float>()[at + c] = input.rectifies ? rectified(sum) : sum;
    }
  }
  return {.y = values_of(y, input.x), .coefficients = coefficients};
}

inline FusedNormGradients backward_by_loops(const FusedNormSaved& saved, const at::Tensor& dy) {
  const NormGrid grid = grid_of(saved.x);
  const at::Tensor x = exact_rows(saved.x), gradient = exact_rows(dy), for_x = at::empty_like(x);
  const at::Tensor for_weight = at::empty({grid.channels}), for_bias = at::empty({grid.channels});
  const at::Tensor y = saved.rectifies && saved.has_added ? exact_rows(saved.y) : at::Tensor();
  for (int64_t c = 0; c < grid.channels; ++c) {
    const NormCoefficients channel =
        reinterpret_cast<const NormCoefficients*>(saved.coefficients.const_data_ptr<float>())[c];
    const float* const values = x.const_data_ptr<float>() + c;
    float* const gradients = gradient.mutable_data_ptr<float>() + c;
    for (int64_t at = 0; at < x.numel() && saved.rectifies; at += grid.channels) {
      const float output =
          saved.has_added ? y.const_data_ptr<float>()[at + c] : normalised(channel, values[at]);
      gradients[at] = masked_gradient(output, gradients[at]);
    }
    double sum = 0, product = 0;
    for (int64_t block = 0; block < grid.row_blocks; ++block) {
      const auto sum_of = [&](int64_t row, int64_t end, int64_t step) {
        GradientSums sums{0, 0};
        for (; row < end; row += step) {
          const int64_t at = row * grid.channels;
          add_gradient(sums, gradients[at], values[at], channel.mean);
        }
        return sums;
      };
      const auto add = [](const GradientSums& a, const GradientSums& b) {
        return GradientSums{a.sum + b.sum, a.product + b.product};
      };
      const GradientSums own = sum_of_block(grid, block, sum_of, add);
      sum += own.sum;
      product += own.product;
    }
    for_weight.mutable_data_ptr<float>()[c] = static_cast<float>(product * channel.inverse_std);
    for_bias.mutable_data_ptr<float>()[c] = static_cast<float>(sum);
    const NormSlope line = slope_of(channel, sum, product, grid.rows);
    for (int64_t at = 0; at < x.numel(); at += grid.channels) {
      for_x.mutable_data_ptr<float>()[at + c] =
          input_gradient(channel, line, values[at], gradients[at]);
    }
  }
  return {.x = values_of(for_x, saved.x),
          .added = saved.has_added ? values_of(gradient, saved.x) : at::Tensor(),
          .weight = for_weight,
          .bias = for_bias};
}

inline constexpr FusedNorm fused_norm_by_loops{.forward = forward_by_loops,
                                               .backward = backward_by_loops};

}  // namespace nolabel::testing_fused_norm
