#include "nolabel/train/loss_scale.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace nolabel {
namespace {

const std::vector<at::Tensor> fine{at::ones({3}), at::ones({2, 2})};
const std::vector<at::Tensor> overflown{at::ones({3}), at::full({2, 2}, INFINITY)};

// The update's verdict: 1 is to skip.
double skip_after(LossScale& scale, const std::vector<at::Tensor>& gradients, double skip = 0) {
  at::Tensor flag = at::full({}, skip);
  std::vector<at::Tensor> scaled;
  for (const at::Tensor& gradient : gradients) scaled.push_back(gradient.clone());
  scale.unscale(scaled, flag);
  return flag.item<double>();
}

double value(const LossScale& scale) {
  return scale.scale().item<double>();
}

TEST(LossScale, OffDoesNothing) {
  LossScale scale(false, at::kCPU);
  EXPECT_FALSE(scale.scale().defined());
  EXPECT_EQ(scale.scaled(at::full({}, 3)).item<double>(), 3);
  EXPECT_EQ(skip_after(scale, overflown), 0);
  EXPECT_TRUE(scale.state().empty());
}

TEST(LossScale, HalvesAndSkipsOnOverflow) {
  LossScale scale(true, at::kCPU);
  const double start = value(scale);
  EXPECT_EQ(scale.scaled(at::full({}, 3)).item<double>(), 3 * start);
  EXPECT_EQ(skip_after(scale, fine), 0);
  EXPECT_EQ(value(scale), start);
  EXPECT_EQ(skip_after(scale, overflown), 1);
  EXPECT_EQ(value(scale), start / 2);
  EXPECT_EQ(skip_after(scale, {at::full({1}, NAN)}), 1);
  EXPECT_EQ(value(scale), start / 4);
  EXPECT_EQ(skip_after(scale, fine, /*skip=*/1), 1);  // somebody else's reason stays
}

TEST(LossScale, DividesTheGradientsByTheScale) {
  LossScale scale(true, at::kCPU);
  const double before = value(scale);
  std::vector<at::Tensor> gradients{scale.scaled(at::full({3}, 5.0f)), at::ones({2, 2})};
  at::Tensor skip = at::zeros({});
  scale.unscale(gradients, skip);
  EXPECT_TRUE(gradients[0].equal(at::full({3}, 5.0f)));
  EXPECT_TRUE(gradients[1].equal(at::full({2, 2}, static_cast<float>(1 / before))));
}

TEST(LossScale, DoublesAfterTwoThousandCleanSteps) {
  LossScale scale(true, at::kCPU);
  const double start = value(scale);
  for (int i = 0; i < 1000; ++i) skip_after(scale, fine);
  skip_after(scale, overflown);  // the count starts again
  for (int i = 0; i < 1999; ++i) skip_after(scale, fine);
  EXPECT_EQ(value(scale), start / 2);
  LossScale resumed(true, at::kCPU);
  resumed.load_state(scale.state());
  for (LossScale* each : {&scale, &resumed}) {
    skip_after(*each, fine);
    EXPECT_EQ(value(*each), start);
  }
}

}  // namespace
}  // namespace nolabel
