// The arithmetic of batch norm and its gradients, value by value and channel by channel, shared by
// the kernels (nolabel/cuda) and the test that runs without a GPU. Sums of rows are fp32; what
// comes of them, once for each channel, is fp64.
#pragma once

#include <cmath>
#include <cstdint>

#include "nolabel/base/host_device.h"

namespace nolabel {

// Sums of a thread's values less the first of them. The sum of squares is then at most `count`
// times that around the mean, so that their difference loses few bits however far the mean is
// from 0.
struct ShiftedSums {
  float shift, sum, square_sum;
};

NOLABEL_HOST_DEVICE inline void add_value(ShiftedSums& sums, float x) {
  const float difference = x - sums.shift;
  sums.sum += difference;
  sums.square_sum = fmaf(difference, difference, sums.square_sum);
}

// mean: less a reference that all that are merged share, a value from among them. square_sum: of
// differences from the mean.
struct Moments {
  float count, mean, square_sum;
};

NOLABEL_HOST_DEVICE inline Moments moments_of(const ShiftedSums& sums, int64_t count,
                                              float reference) {
  if (count == 0) return {0, 0, 0};
  const float n = static_cast<float>(count), mean = sums.sum / n;
  const float around_mean = fmaf(-sums.sum, mean, sums.square_sum);
  return {n, (sums.shift - reference) + mean, around_mean < 0 ? 0 : around_mean};
}

// Chan, Golub and LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample
// variances".
NOLABEL_HOST_DEVICE inline Moments merged(const Moments& a, const Moments& b) {
  if (b.count == 0) return a;
  if (a.count == 0) return b;
  const float count = a.count + b.count, share = b.count / count, difference = b.mean - a.mean;
  return {count, fmaf(difference, share, a.mean),
          a.square_sum + b.square_sum + difference * difference * a.count * share};
}

// What normalising a channel takes, read as 16 bytes.
struct alignas(16) NormCoefficients {
  float mean, scale, bias, inverse_std;  // scale: inverse_std times the weight
};

NOLABEL_HOST_DEVICE inline NormCoefficients coefficients_of(double mean, double variance,
                                                            float weight, float bias,
                                                            double epsilon) {
  const double inverse_std = 1 / sqrt(variance + epsilon), scale = weight * inverse_std;
  // The bias makes up for the rounding of the mean.
  const float rounded_mean = static_cast<float>(mean);
  return {rounded_mean, static_cast<float>(scale),
          static_cast<float>(bias + (rounded_mean - mean) * scale),
          static_cast<float>(inverse_std)};
}

NOLABEL_HOST_DEVICE inline float updated(float running, double batch, double momentum) {
  return static_cast<float>((1 - momentum) * running + momentum * batch);
}

// fmaf() is written out: the backward pass computes the same value again to know its sign.
NOLABEL_HOST_DEVICE inline float normalised(const NormCoefficients& channel, float x) {
  return fmaf(x - channel.mean, channel.scale, channel.bias);
}

// NaN stays, as in LibTorch.
NOLABEL_HOST_DEVICE inline float rectified(float value) {
  return value <= 0 ? 0 : value;
}

// Through ReLU, whose value before or after it is `value`.
NOLABEL_HOST_DEVICE inline float masked_gradient(float value, float gradient) {
  return value <= 0 ? 0 : gradient;
}

// Of a channel's gradients, and of their products with x less the mean.
struct GradientSums {
  float sum, product;
};

NOLABEL_HOST_DEVICE inline void add_gradient(GradientSums& sums, float gradient, float x,
                                             float mean) {
  sums.sum += gradient;
  sums.product = fmaf(gradient, x - mean, sums.product);
}

// The gradient of x is scale · dy + slope · (x - mean) + offset.
struct alignas(8) NormSlope {
  float offset, slope;
};

// As in model/sync_batch_norm.cc: dx = scale · (dy - Σdy / n - x̂ · Σ(dy · x̂) / n), where
// x̂ = (x - mean) · inverse_std.
NOLABEL_HOST_DEVICE inline NormSlope slope_of(const NormCoefficients& channel, double sum,
                                              double product, double rows) {
  const double inverse_std = channel.inverse_std, scale = channel.scale;
  return {static_cast<float>(-scale * sum / rows),
          static_cast<float>(-scale * inverse_std * inverse_std * product / rows)};
}

NOLABEL_HOST_DEVICE inline float input_gradient(const NormCoefficients& channel,
                                                const NormSlope& line, float x, float gradient) {
  return fmaf(channel.scale, gradient, fmaf(x - channel.mean, line.slope, line.offset));
}

}  // namespace nolabel
