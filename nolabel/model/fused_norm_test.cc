#include "nolabel/model/fused_norm.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "nolabel/gpu/norm_grid.h"
#include "nolabel/model/fused_norm_testing.h"

namespace nolabel {
namespace {

using testing_fused_norm::fused_norm_by_loops;

constexpr double tried_momentum = 0.1, tried_epsilon = 1e-5;

struct Trial {
  at::Tensor x, added, dy;  // added: may be undefined
  Activation activation = Activation::relu;
};

struct NormOutcome {
  at::Tensor y;
  std::vector<at::Tensor> gradients;  // of x, weight, bias, and `added` if there is one
  at::Tensor running_mean, running_variance;
};

// Values and gradients by `norm`, with everything but the running statistics rounded to what the
// trial's types hold.
template <class Norm>
NormOutcome outcome_of(const Trial& trial, at::ScalarType type, at::ScalarType channel_type,
                       const Norm& norm) {
  const int64_t channels = trial.x.size(1);
  const at::Tensor numbers = at::arange(channels, channel_type);
  const at::Tensor x = trial.x.to(type).detach().requires_grad_();
  const at::Tensor added =
      trial.added.defined() ? trial.added.to(type).detach().requires_grad_() : at::Tensor();
  const NormTensors tensors{.weight = ((numbers * 0.7).sin() + 1.2).requires_grad_(),
                            .bias = (numbers * 0.3).cos().requires_grad_(),
                            .running_mean = numbers.clone(),
                            .running_variance = numbers + 1};
  NormOutcome outcome;
  outcome.y = norm(x, added, tensors);
  outcome.y.backward(trial.dy.to(type));
  outcome.gradients = {x.grad(), tensors.weight.grad(), tensors.bias.grad()};
  if (added.defined()) outcome.gradients.push_back(added.grad());
  outcome.running_mean = tensors.running_mean;
  outcome.running_variance = tensors.running_variance;
  outcome.y = outcome.y.detach();
  return outcome;
}

NormOutcome by_loops(const Trial& trial) {
  return outcome_of(trial, trial.x.scalar_type(), at::kFloat,
                    [&](const at::Tensor& x, const at::Tensor& added, const NormTensors& tensors) {
                      return fused_norm(fused_norm_by_loops, x, added, tensors, trial.activation,
                                        tried_momentum, tried_epsilon);
                    });
}

NormOutcome by_libtorch(const Trial& trial) {
  return outcome_of(trial, at::kDouble, at::kDouble,
                    [&](const at::Tensor& x, const at::Tensor& added, const NormTensors& tensors) {
                      at::Tensor y =
                          at::batch_norm(x, tensors.weight, tensors.bias, tensors.running_mean,
                                         tensors.running_variance, /*training=*/true,
                                         tried_momentum, tried_epsilon, /*cudnn_enabled=*/false);
                      if (added.defined()) y = y + added;
                      return trial.activation == Activation::relu ? y.relu() : y;
                    });
}

// Each value to `relative` of itself or `absolute`.
void expect_values_near(const at::Tensor& actual, const at::Tensor& expected, double relative,
                        double absolute, const char* what) {
  EXPECT_TRUE(at::allclose(actual.to(at::kDouble), expected, relative, absolute))
      << what << ": " << (actual.to(at::kDouble) - expected).abs().max().item<double>();
}

// One rounding to the type, and the fp32 arithmetic before it.
void expect_as_libtorch(const Trial& trial, double absolute = 2e-5) {
  SCOPED_TRACE(::testing::Message()
               << trial.x.toString() << trial.x.sizes() << " added " << trial.added.defined()
               << " activation " << static_cast<int>(trial.activation));
  const NormOutcome actual = by_loops(trial), expected = by_libtorch(trial);
  const at::ScalarType type = trial.x.scalar_type();
  const double rounding = type == at::kBFloat16 ? 1.0 / 256 : type == at::kHalf ? 1.0 / 2048 : 2e-6;
  const double rows = static_cast<double>(trial.x.numel() / trial.x.size(1));
  EXPECT_EQ(actual.y.scalar_type(), type);
  EXPECT_TRUE(actual.y.is_contiguous(at::MemoryFormat::ChannelsLast));
  expect_values_near(actual.y, expected.y, rounding, absolute, "values");
  ASSERT_EQ(actual.gradients.size(), expected.gradients.size());
  // Sums are as exact as the many terms of about 1 are.
  const std::array<double, 4> allowed = {absolute, absolute * rows, absolute * rows, absolute};
  for (size_t i = 0; i < actual.gradients.size(); ++i) {
    SCOPED_TRACE(i);
    expect_values_near(actual.gradients[i], expected.gradients[i], rounding, allowed[i],
                       "gradient");
  }
  expect_values_near(actual.running_mean, expected.running_mean, 1e-6, absolute, "running mean");
  expect_values_near(actual.running_variance, expected.running_variance, 1e-6, absolute,
                     "running variance");
}

at::Tensor noise(at::IntArrayRef shape, uint64_t seed) {
  at::manual_seed(seed);
  return at::randn(shape).contiguous(at::MemoryFormat::ChannelsLast);
}

// Channels of different means and spreads.
Trial trial_of(at::IntArrayRef shape, at::ScalarType type, bool has_added, Activation activation) {
  const at::Tensor numbers = at::arange(shape[1], at::kFloat).view({1, -1, 1, 1});
  const at::Tensor x = noise(shape, 1) * (numbers % 3 + 0.5) + (numbers % 5 - 2);
  return {.x = x.to(type).contiguous(at::MemoryFormat::ChannelsLast),
          .added = has_added ? noise(shape, 2).to(type) : at::Tensor(),
          .dy = noise(shape, 3).to(type),
          .activation = activation};
}

TEST(FusedNorm, HasValuesAndGradientsOfLibTorch) {
  for (const at::ScalarType type : {at::kBFloat16, at::kHalf, at::kFloat}) {
    for (const bool has_added : {false, true}) {
      for (const Activation activation : {Activation::none, Activation::relu}) {
        for (const std::array<int64_t, 4> shape :
             {std::array<int64_t, 4>{6, 24, 5, 3}, {2, 7, 3, 1}, {40, 8, 16, 16}}) {
          expect_as_libtorch(trial_of(shape, type, has_added, activation));
        }
      }
    }
  }
}

// Rows of several blocks, the last of them shorter.
TEST(FusedNorm, MergesBlocks) {
  const Trial trial = trial_of({9, 128, 41, 41}, at::kFloat, false, Activation::none);
  ASSERT_GT(testing_fused_norm::grid_of(trial.x).row_blocks, 100);
  expect_as_libtorch(trial);
}

TEST(FusedNorm, TakesTwoRows) {
  Trial trial = trial_of({2, 24, 1, 1}, at::kFloat, true, Activation::relu);
  trial.x = trial.x.clone();
  trial.x[1] = trial.x[0] + 1;  // what is left of a gradient depends on the spread
  expect_as_libtorch(trial);
}

TEST(FusedNorm, TakesConstantChannels) {
  for (const double constant : {0., 3., -1e4}) {
    Trial trial = trial_of({4, 24, 3, 3}, at::kFloat, false, Activation::none);
    trial.x.fill_(constant);
    // A scale of 1 / sqrt(epsilon) enlarges the gradients.
    expect_as_libtorch(trial, 1e-3);
    EXPECT_EQ(by_loops(trial).gradients[1].abs().max().item<double>(), 0);
  }
}

// fp32 holds 1e4 to 1e-3, and its squares to 8.
TEST(FusedNorm, IsExactFarFromZero) {
  const Trial near = trial_of({16, 24, 8, 8}, at::kFloat, true, Activation::none);
  Trial far = near;
  far.x = noise({16, 24, 8, 8}, 5) + 1e4;
  expect_as_libtorch(far, 1e-3);
  const NormOutcome actual = by_loops(far), expected = by_libtorch(far);
  expect_values_near(actual.y, expected.y, 1e-5, 2e-5, "values");
  expect_values_near(actual.running_variance, expected.running_variance, 1e-5, 0,
                     "running variance");
}

TEST(FusedNorm, LetsNaNThrough) {
  for (const bool has_added : {false, true}) {
    Trial trial = trial_of({4, 8, 3, 3}, at::kBFloat16, has_added, Activation::relu);
    trial.x[1][3][0][0] = std::numeric_limits<double>::quiet_NaN();
    const NormOutcome actual = by_loops(trial), expected = by_libtorch(trial);
    EXPECT_TRUE(at::equal(actual.y.isnan(), expected.y.isnan()));
    EXPECT_TRUE(actual.y.select(1, 3).isnan().all().item<bool>());
    EXPECT_TRUE(at::equal(actual.gradients[0].isnan(), expected.gradients[0].isnan()));
  }
}

TEST(FusedNorm, KeepsNoRunningStatisticsWithoutTensors) {
  const at::Tensor x = noise({4, 8, 3, 3}, 1);
  const NormTensors norm{
      .weight = at::ones({8}), .bias = at::zeros({8}), .running_mean = {}, .running_variance = {}};
  const at::Tensor y =
      fused_norm(fused_norm_by_loops, x, {}, norm, Activation::none, tried_momentum, tried_epsilon);
  EXPECT_FALSE(y.requires_grad());
  expect_values_near(y.mean({0, 2, 3}), at::zeros({8}, at::kDouble), 0, 1e-6, "means");
}

TEST(FusedNorm, TakesGradientsOfAMean) {
  const Trial trial = trial_of({4, 24, 3, 3}, at::kFloat, true, Activation::relu);
  const at::Tensor dy = noise({4, 24, 1, 1}, 4).expand({4, 24, 3, 3});
  expect_as_libtorch({trial.x, trial.added, dy, trial.activation});
}

TEST(FusedNorm, IsForGpus) {
  const at::Tensor x = noise({4, 8, 3, 3}, 1);
  const NormTensors norm{
      .weight = at::ones({8}), .bias = at::zeros({8}), .running_mean = {}, .running_variance = {}};
  EXPECT_EQ(find_fused_norm(x, {}, norm, Activation::relu), nullptr);
}

// Every row and channel is one thread's, once.
TEST(NormGrid, CoversTheMatrixOnce) {
  struct Shape {
    int64_t rows, channels;
    int width;
  };
  for (const Shape& shape : {Shape{16, 64, 8},
                             {1, 1, 1},
                             {105, 24, 8},
                             {1000, 7, 1},
                             {3000, 37, 1},
                             {999, 304, 8},
                             {513, 512, 4},
                             {20000, 64, 8}}) {
    for (const int64_t wanted : {int64_t{1}, int64_t{40}, blocks_that_sum, blocks_that_rewrite}) {
      const NormGrid grid = norm_grid(shape.rows, shape.channels, shape.width, wanted);
      ASSERT_LE(grid.across * grid.down, norm_threads);
      EXPECT_LE(grid.row_blocks * grid.column_blocks, wanted + grid.column_blocks);
      std::vector<int> visits(static_cast<size_t>(shape.rows * shape.channels));
      for (int64_t column = 0; column < grid.column_blocks; ++column) {
        for (int64_t block = 0; block < grid.row_blocks; ++block) {
          ASSERT_LT(grid.first_row(block), grid.end_row(block));
          for (int thread = 0; thread < norm_threads; ++thread) {
            const int64_t down = thread / grid.across;
            const int64_t channel = (column * grid.across + thread % grid.across) * grid.width;
            if (down >= grid.down || channel >= grid.channels) continue;
            for (int64_t row = grid.first_row(block) + down; row < grid.end_row(block);
                 row += grid.down) {
              for (int i = 0; i < grid.width; ++i) {
                ++visits.at(static_cast<size_t>(row * grid.channels + channel + i));
              }
            }
          }
        }
      }
      EXPECT_TRUE(std::ranges::all_of(visits, [](int count) { return count == 1; }));
    }
  }
}

}  // namespace
}  // namespace nolabel
