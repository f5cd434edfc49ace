#include "nolabel/train/optimizer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

const at::Tensor& no_skip() {
  static const at::Tensor zero = at::zeros({}, at::kFloat);
  return zero;
}

// One weight, gradient = weight (a parabola), ten steps, in plain arithmetic.
double plain_sgd(double w, double rate, double momentum, double decay, bool nesterov) {
  double buffer = 0;
  for (int i = 0; i < 10; ++i) {
    const double gradient = w + decay * w;
    buffer = momentum * buffer + gradient;
    w -= rate * (nesterov ? gradient + momentum * buffer : buffer);
  }
  return w;
}

double plain_adam(double w, double rate, double decay, bool decoupled) {
  double first = 0, second = 0;
  for (int i = 1; i <= 10; ++i) {
    if (decoupled) w *= 1 - rate * decay;
    const double gradient = w + (decoupled ? 0 : decay * w);
    first = 0.9 * first + 0.1 * gradient;
    second = 0.999 * second + 0.001 * gradient * gradient;
    w -= rate * (first / (1 - std::pow(0.9, i))) /
         (std::sqrt(second / (1 - std::pow(0.999, i))) + 1e-8);
  }
  return w;
}

double run(const OptimizerSettings& settings) {
  at::Tensor w = at::full({3}, 2.0, at::kDouble);
  Optimizer optimizer(settings, {w});
  for (int i = 0; i < 10; ++i) {
    optimizer.step({w.clone()}, no_skip());
  }
  return w[1].item<double>();
}

TEST(Optimizer, IsPlainArithmetic) {
  EXPECT_NEAR(run({.learning_rate = 0.1, .weight_decay = 0.01, .momentum = 0}),
              plain_sgd(2, 0.1, 0, 0.01, false), 1e-12);
  EXPECT_NEAR(run({.kind = OptimizerKind::sgd, .learning_rate = 0.1, .weight_decay = 0.01}),
              plain_sgd(2, 0.1, 0.9, 0.01, false), 1e-12);
  EXPECT_NEAR(run({.kind = OptimizerKind::sgd, .learning_rate = 0.1, .nesterov = true}),
              plain_sgd(2, 0.1, 0.9, 0, true), 1e-12);
  EXPECT_NEAR(run({.kind = OptimizerKind::adam, .learning_rate = 0.1, .weight_decay = 0.5}),
              plain_adam(2, 0.1, 0.5, false), 1e-7);
  EXPECT_NEAR(run({.kind = OptimizerKind::adamw, .learning_rate = 0.1, .weight_decay = 0.5}),
              plain_adam(2, 0.1, 0.5, true), 1e-7);
}

// The rate of a step is the one that was set last, also for a step whose operations were recorded.
TEST(Optimizer, TakesTheRateThatWasSetLast) {
  at::Tensor w = at::full({2}, 2.0, at::kDouble);
  Optimizer optimizer({.learning_rate = 5, .momentum = 0}, {w});
  for (const double rate : {0.5, 0.25}) {
    optimizer.set_learning_rate(rate);
    optimizer.step({at::ones({2}, at::kDouble)}, no_skip());
  }
  EXPECT_DOUBLE_EQ(w[0].item<double>(), 1.25);
}

TEST(Optimizer, SkipLeavesEverythingAsItWas) {
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adam}) {
    at::Tensor w = at::full({3}, 2.0), other = w.clone();
    Optimizer a({.kind = kind}, {w}), b({.kind = kind}, {other});
    a.step({at::ones({3})}, no_skip());
    a.step({at::full({3}, NAN)}, at::ones({}));
    a.step({at::ones({3})}, no_skip());
    b.step({at::ones({3})}, no_skip());
    b.step({at::ones({3})}, no_skip());
    EXPECT_TRUE(w.equal(other));
  }
}

TEST(Optimizer, StateContinuesInAnother) {
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adam}) {
    at::Tensor w = at::full({3}, 2.0);
    Optimizer a({.kind = kind}, {w});
    a.step({at::ones({3})}, no_skip());
    at::Tensor copy = w.clone();
    Optimizer b({.kind = kind}, {copy});
    b.load_state(a.state());
    a.step({w.clone()}, no_skip());
    b.step({copy.clone()}, no_skip());
    EXPECT_TRUE(w.equal(copy));
  }
}

TEST(Optimizer, RefusesTheStateOfOtherParameters) {
  Optimizer small({}, {at::ones({3})}), large({}, {at::ones({4})}),
      more({}, {at::ones({3}), at::ones({3})});
  EXPECT_THROW(small.load_state(large.state()), Error);
  EXPECT_THROW(small.load_state(more.state()), Error);
  EXPECT_THROW(more.load_state(small.state()), Error);
}

}  // namespace
}  // namespace nolabel
