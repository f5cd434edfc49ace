#include "nolabel/train/ema.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/train/task_testing.h"

namespace nolabel {
namespace {

using namespace testing_tasks;

Model linear_model() {
  return Model({.backbone = given_features(3), .embedding_dimensions = 4}, 1);
}

void set_weights(Model& model, double value) {
  for (const NamedTensor& parameter : model.parameters()) parameter.tensor.detach().fill_(value);
  model.refresh_working_weights();
}

bool all_are(const at::Tensor& tensor, double value) {
  return tensor.detach().to(at::kDouble).sub(value).abs().max().item<double>() < 1e-6;
}

TEST(Ema, MovesTowardsTheWeightsByOneMinusAlpha) {
  Model model = linear_model();
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
  Model model = linear_model();
  set_weights(model, 1);
  Ema ema(model, 0.9);
  set_weights(model, 2);
  ema.update(at::ones({}));
  EXPECT_TRUE(all_are(ema.shadow()[0], 1));
}

TEST(Ema, StateContinuesInAnother) {
  Model model = linear_model();
  Ema ema(model, 0.9), other(model, 0.9);
  set_weights(model, 2);
  ema.update(at::zeros({}));
  other.load_state(ema.shadow());
  EXPECT_TRUE(other.shadow()[0].equal(ema.shadow()[0]));
  EXPECT_THROW(other.load_state({}), Error);
}

// A network with batch norm; the loss is the variance of the embeddings, negated.
class VarianceTask : public Task {
 public:
  std::string name() const override { return "variance"; }
  int64_t samples() const override { return 6; }
  void choose_parameters(Model& model) const override {
    model.require_gradients(Trainable::everything);
  }
  Tensors inputs(const SampleRange& range) const override {
    return {wave({6, 3, 8, 8}, range.epoch)};
  }
  Tensors outputs(Model& model, const Tensors& inputs, bool) const override {
    return {model.embeddings(model.features(inputs[0], ForwardMode::train))};
  }
  LossValues loss(const Tensors& outputs) const override {
    const at::Tensor total = -outputs[0].var(0).sum();
    LossValues values{.total = total,
                      .parts = {{"loss", total.detach()}},
                      .trains_nothing = {},
                      .cluster_counts = {}};
    if (nothing) values.trains_nothing = at::ones({}, at::kBool);
    return values;
  }
  nlohmann::json validate(Model&, int) override { return {}; }
  void save() override {}
  Value state() const override { return Value::dict({}); }
  void load_state(const Value&) override {}
  void describe(Group&, Message&) const override { FAIL() << "no process works on it with others"; }
  bool nothing = false;
};

struct Averaged {
  VarianceTask task;
  Model model{{.backbone = testing_models::slim_backbone(), .embedding_dimensions = 4}, 1};
  TrainSettings settings;
  std::unique_ptr<TrainingStep> step;

  explicit Averaged(bool use_ema) {
    settings.optimizer = {.weight_decay = 0.1};
    settings.use_ema = use_ema;
    settings.ema_alpha = 0.6;
    settings.ema_mode = EmaMode::published;
    model.place(at::kCPU, Precision::fp64);
    task.choose_parameters(model);
    step = std::make_unique<TrainingStep>(task, model, settings);
  }
  void run(int epoch) { step->run({epoch, 0, in_order(6)}, 0.01); }
};

// Step by step in plain arithmetic: an optimizer without averaging, then the average is put into
// the student, and the running statistics of before.
TEST(PublishedEma, LoadsTheAverageBackAndResetsTheStatistics) {
  Averaged plain(false), published(true);
  const auto student = [&](size_t i) { return plain.model.parameters()[i].tensor.detach(); };
  Tensors shadow, statistics;
  for (const auto& [name, tensor] : plain.model.parameters()) shadow.push_back(tensor.clone());
  for (const auto& [name, tensor] : plain.model.buffers()) statistics.push_back(tensor.clone());
  for (int epoch = 0; epoch < 4; ++epoch) {
    published.run(epoch);
    plain.run(epoch);
    ASSERT_FALSE(plain.model.buffers()[0].tensor.equal(statistics[0]));
    for (size_t i = 0; i < shadow.size(); ++i) {
      shadow[i] = 0.6 * shadow[i] + 0.4 * student(i);
      student(i).copy_(shadow[i]);
      EXPECT_TRUE(at::allclose(published.model.parameters()[i].tensor, shadow[i], 1e-9, 1e-12));
    }
    for (size_t i = 0; i < statistics.size(); ++i) {
      plain.model.buffers()[i].tensor.copy_(statistics[i]);
      EXPECT_TRUE(published.model.buffers()[i].tensor.equal(statistics[i]));
    }
  }
  const Tensors before = weights(published.model);
  published.task.nothing = true;
  published.run(4);
  EXPECT_TRUE(same(weights(published.model), before));
}

// The shadow is not stored: student and shadow are one, so that a restart changes nothing.
TEST(PublishedEma, RestartsAtAResumeWithoutLoss) {
  Averaged whole(true), resumed(true);
  for (int epoch = 0; epoch < 2; ++epoch) whole.run(epoch);
  EXPECT_TRUE(whole.step->ema()->state().empty());
  resumed.model.load_state_dict(whole.model.state_dict());
  resumed.step->load_optimizer_state(whole.step->optimizer_state());
  resumed.step->load_extra_state(whole.step->extra_state());
  for (Averaged* each : {&whole, &resumed}) each->run(2);
  EXPECT_TRUE(same(weights(resumed.model), weights(whole.model)));
}

TEST(WithAveragedParameters, LendsThemAndGivesTheOwnBack) {
  Model model = linear_model();
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
