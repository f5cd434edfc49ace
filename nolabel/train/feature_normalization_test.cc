#include "nolabel/train/feature_normalization.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/model/model_testing.h"
#include "nolabel/train/task_testing.h"

namespace nolabel {
namespace {

using testing_models::rough;
using testing_tasks::same;
using testing_tasks::weights;

Model two_heads(int dimensions) {
  Model model({.kind = ModelSettings::Kind::clustering,
               .backbone = given_features(dimensions),
               .clusters = 4,
               .heads = 2},
              3);
  return model;
}

at::Tensor probabilities(Model& model, const at::Tensor& features) {
  return at::stack(model.logits(features)).softmax(2).detach();
}

// More rows than are taken at a time.
TEST(MeasureShift, IsTheMeanAndTheRootOfTheMeanVariance) {
  const at::Tensor features = (rough({9001, 5}, 1) * 3 + 7).to(at::kFloat);
  const FeatureShift shift = measure_shift(features);
  const at::Tensor exact = features.to(at::kDouble);
  EXPECT_TRUE(shift.mean.allclose(exact.mean(0), 1e-12, 1e-12));
  EXPECT_NEAR(shift.scale, 1 / std::sqrt(exact.var(0, /*unbiased=*/false).mean().item<double>()),
              1e-12);
  const at::Tensor rows = shifted(features, shift);
  EXPECT_EQ(rows.scalar_type(), at::kFloat);
  EXPECT_NEAR(rows.square().mean().item<double>(), 1, 1e-5);
  EXPECT_NEAR(rows.mean().item<double>(), 0, 1e-5);
}

TEST(MeasureShift, LeavesTheScaleOfEqualRows) {
  EXPECT_EQ(measure_shift(at::full({4, 3}, 2.5f)).scale, 1);
}

// The same images at another scale and around another mean look the same to a head.
TEST(Shifted, ForgetsScaleAndMean) {
  const at::Tensor features = rough({50, 8}, 2).to(at::kFloat);
  const at::Tensor plain = shifted(features, measure_shift(features));
  for (const auto& [scale, mean] : {std::pair{1e4, 0.0}, std::pair{1.0, 100.0}}) {
    const at::Tensor other = features * scale + mean;
    EXPECT_TRUE(shifted(other, measure_shift(other)).allclose(plain, 1e-4, 1e-4));
  }
}

TEST(FoldedHeads, GiveTheSameProbabilitiesForFeaturesAsTheyAre) {
  Model model = two_heads(64);
  model.require_gradients(Trainable::everything);
  const testing_tasks::Tensors learnt = weights(model);
  for (const auto& [size, mean] : {std::pair{1.0, 0.0}, std::pair{1000.0, 3000.0},
                                   std::pair{1e-3, 2e-3}, std::pair{1.0, 5.0}}) {
    const at::Tensor features = (rough({200, 64}, 4) * size + mean).to(at::kFloat);
    const std::optional<FeatureShift> shift = measure_shift(features);
    const at::Tensor expected = probabilities(model, shifted(features, *shift));
    {
      const FoldedHeads folded(model, shift);
      EXPECT_LT((probabilities(model, features) - expected).abs().max().item<double>(), 1e-5);
      EXPECT_FALSE(same(weights(model), learnt));
    }
    EXPECT_TRUE(same(weights(model), learnt));
    EXPECT_TRUE(probabilities(model, shifted(features, *shift)).equal(expected));
  }
}

TEST(FoldedHeads, WithoutAShiftAreTheHeads) {
  Model model = two_heads(8);
  const testing_tasks::Tensors learnt = weights(model);
  const FoldedHeads folded(model, std::nullopt);
  EXPECT_TRUE(same(weights(model), learnt));
}

TEST(UnfoldHeads, IsTheOtherWay) {
  Model model = two_heads(64);
  const at::Tensor features = (rough({200, 64}, 4) * 20 + 30).to(at::kFloat);
  const FeatureShift shift = measure_shift(features);
  const at::Tensor expected = probabilities(model, features);
  unfold_heads(model, shift);
  EXPECT_TRUE(probabilities(model, shifted(features, shift)).allclose(expected, 0, 1e-5));
}

TEST(ShiftedInputs, ShiftTheFeaturesAndOnlyThese) {
  const at::Tensor features = rough({1, 6, 8}, 5).to(at::kFloat) + 3;
  const FeatureShift shift = measure_shift(features[0]);
  auto plain = std::make_unique<testing_tasks::FixedFeatures>(features);
  const InputSource* before = plain.get();
  std::unique_ptr<InputSource> inputs = shifted_inputs(std::move(plain), std::nullopt);
  EXPECT_EQ(inputs.get(), before);
  inputs = shifted_inputs(std::move(inputs), shift);
  Model model = two_heads(8);
  const at::Tensor gathered = inputs->gather(0, std::vector<ViewOf>{{4, 0, 0}, {1, 1, 0}});
  EXPECT_TRUE(gathered[0].equal(features[0][4]));
  EXPECT_TRUE(
      inputs->features(model, gathered, ForwardMode::evaluate).equal(shifted(gathered, shift)));
  EXPECT_EQ(inputs->size(), 6);
}

}  // namespace
}  // namespace nolabel
