#include "nolabel/train/ema.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

Model small_model() {
  return Model(
      {.backbone = {.kind = BackboneKind::identity, .width = 3}, .embedding_dimensions = 4}, 1);
}

void set_weights(Model& model, double value) {
  for (const NamedTensor& parameter : model.parameters()) parameter.tensor.detach().fill_(value);
  model.refresh_working_weights();
}

bool all_are(const at::Tensor& tensor, double value) {
  return tensor.detach().to(at::kDouble).sub(value).abs().max().item<double>() < 1e-6;
}

TEST(Ema, MovesTowardsTheWeightsByOneMinusAlpha) {
  Model model = small_model();
  set_weights(model, 1);
  Ema ema(model, 0.9);
  double expected = 1;
  for (const double weight : {2.0, -5.0, 3.0}) {
    set_weights(model, weight);
    ema.update(at::zeros({}));
    expected = 0.9 * expected + 0.1 * weight;
    ASSERT_EQ(ema.shadow().size(), model.parameters().size());
    for (const at::Tensor& shadow : ema.shadow()) EXPECT_TRUE(all_are(shadow, expected));
  }
  ema.restart();
  EXPECT_TRUE(all_are(ema.shadow()[0], 3));
}

TEST(Ema, StaysWhereAStepWasSkipped) {
  Model model = small_model();
  set_weights(model, 1);
  Ema ema(model, 0.9);
  set_weights(model, 2);
  ema.update(at::ones({}));
  EXPECT_TRUE(all_are(ema.shadow()[0], 1));
}

TEST(Ema, StateContinuesInAnother) {
  Model model = small_model();
  Ema ema(model, 0.9), other(model, 0.9);
  set_weights(model, 2);
  ema.update(at::zeros({}));
  other.load_state(ema.shadow());
  EXPECT_TRUE(other.shadow()[0].equal(ema.shadow()[0]));
  EXPECT_THROW(other.load_state({}), Error);
}

TEST(WithAveragedParameters, LendsThemAndGivesTheOwnBack) {
  Model model = small_model();
  model.place(at::kCPU, Precision::bf16);
  set_weights(model, 1);
  const Ema ema(model, 0.9);
  set_weights(model, 2);
  const auto weights_are = [&](double value) {
    for (size_t i = 0; i < model.parameters().size(); ++i) {
      EXPECT_TRUE(all_are(model.parameters()[i].tensor, value));
      EXPECT_TRUE(all_are(model.leaves()[i], value));  // the working copies too
    }
  };
  {
    const WithAveragedParameters none(model, nullptr);
    weights_are(2);
  }
  {
    const WithAveragedParameters averaged(model, &ema);
    weights_are(1);
  }
  weights_are(2);
  WithAveragedParameters(model, &ema).keep();
  weights_are(1);
}

}  // namespace
}  // namespace nolabel
