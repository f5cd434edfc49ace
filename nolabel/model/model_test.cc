#include "nolabel/model/model.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/model/model_testing.h"

namespace nolabel {
namespace {

ModelSettings slim(ModelSettings::Kind kind) {
  ModelSettings settings;
  settings.kind = kind;
  settings.backbone = testing_models::slim_backbone();
  settings.embedding_dimensions = 6;
  settings.clusters = 5;
  settings.heads = 2;
  return settings;
}

at::Tensor some_views(int64_t batch, int64_t size) {
  return at::arange(batch * 3 * size * size, at::kDouble)
      .mul(0.37)
      .sin()
      .view({batch, 3, size, size});
}

at::Tensor tensor_named(const StateDict& state, const std::string& name) {
  for (const NamedTensor& entry : state) {
    if (entry.name == name) return entry.tensor;
  }
  ADD_FAILURE() << "no tensor " << name;
  return {};
}

TEST(Model, HasPyTorchsNamesInPyTorchsOrder) {
  const StateDict state = Model(slim(ModelSettings::Kind::clustering), 1).state_dict();
  ASSERT_EQ(state.size(), 6u * 20 + 4);
  EXPECT_EQ(state[0].name, "backbone.conv1.weight");
  EXPECT_EQ(state[5].name, "backbone.bn1.num_batches_tracked");
  EXPECT_EQ(state[5].tensor.dim(), 0);
  EXPECT_EQ(state.back().name, "cluster_head.1.bias");
  EXPECT_EQ(tensor_named(state, "backbone.layer2.0.shortcut.0.weight").sizes(),
            at::IntArrayRef({16, 8, 1, 1}));
}

TEST(Model, StartsFromTheSeedAlone) {
  const ModelSettings settings = slim(ModelSettings::Kind::contrastive);
  const StateDict a = Model(settings, 1).state_dict(), b = Model(settings, 1).state_dict(),
                  c = Model(settings, 2).state_dict();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(at::equal(a[i].tensor, b[i].tensor));
  EXPECT_FALSE(at::equal(a[0].tensor, c[0].tensor));
}

TEST(Model, InitialWeightsAreKaimingNormalAndUniform) {
  ModelSettings settings = slim(ModelSettings::Kind::contrastive);
  settings.backbone.parameters["width"] = "32";
  const StateDict state = Model(settings, 3).state_dict();
  const at::Tensor convolution = tensor_named(state, "backbone.layer4.1.conv2.weight");
  EXPECT_NEAR(convolution.std().item<double>() / std::sqrt(2.0 / (256 * 9)), 1, 0.01);
  EXPECT_NEAR(convolution.mean().item<double>(), 0, 1e-4);
  const at::Tensor linear = tensor_named(state, "contrastive_head.0.weight");
  const double bound = 1 / std::sqrt(256.0);
  EXPECT_NEAR(linear.max().item<double>(), bound, 1e-4);
  EXPECT_NEAR(linear.min().item<double>(), -bound, 1e-4);
  EXPECT_NEAR(linear.std().item<double>() / (bound / std::sqrt(3.0)), 1, 0.01);
}

TEST(Model, EmbeddingsHaveUnitLength) {
  Model model(slim(ModelSettings::Kind::contrastive), 1);
  const at::Tensor embeddings =
      model.embeddings(model.features(some_views(4, 16), ForwardMode::train));
  EXPECT_EQ(embeddings.sizes(), at::IntArrayRef({4, 6}));
  EXPECT_TRUE(at::allclose(embeddings.norm(2, {1}), at::ones({4})));
}

TEST(Model, RunningStatisticsMoveInTrainModeOnly) {
  Model model(slim(ModelSettings::Kind::clustering), 1);
  const at::Tensor mean = model.buffers()[0].tensor, count = model.buffers()[2].tensor;
  const at::Tensor trained = model.features(some_views(4, 16), ForwardMode::train_without_update);
  model.features(some_views(4, 16), ForwardMode::evaluate);
  EXPECT_EQ(mean.abs().sum().item<double>(), 0);
  EXPECT_EQ(count.item<int64_t>(), 0);
  EXPECT_TRUE(at::equal(trained, model.features(some_views(4, 16), ForwardMode::train)));
  EXPECT_GT(mean.abs().sum().item<double>(), 0);
  EXPECT_EQ(count.item<int64_t>(), 1);
}

TEST(Model, TakesItsBackboneFromAStateAndDrawsTheSameHeads) {
  const ModelSettings settings = slim(ModelSettings::Kind::contrastive);
  const Model drawn(settings, 3);
  const Model given(settings, 3, drawn.state_dict());
  const StateDict expected = drawn.state_dict(), state = given.state_dict();
  ASSERT_EQ(state.size(), expected.size());
  for (size_t i = 0; i < state.size(); ++i) {
    EXPECT_TRUE(state[i].tensor.equal(expected[i].tensor)) << state[i].name;
  }
  EXPECT_THROW(Model(settings, 3, StateDict()), Error);
}

TEST(Model, WorkingWeightsFollowTheMasters) {
  Model model(slim(ModelSettings::Kind::clustering), 1);
  model.place(at::kCPU, Precision::bf16);
  EXPECT_EQ(model.leaves()[0].scalar_type(), at::kBFloat16);
  EXPECT_EQ(model.leaves()[1].scalar_type(), at::kFloat);      // batch norm
  EXPECT_EQ(model.leaves().back().scalar_type(), at::kFloat);  // the last linear layer
  const void* address = model.leaves()[0].const_data_ptr();
  model.parameters()[0].tensor.fill_(0.5);
  model.refresh_working_weights();
  EXPECT_EQ(model.leaves()[0].const_data_ptr(), address);
  EXPECT_EQ(model.leaves()[0].min().item<double>(), 0.5);
  // Of a frozen backbone a step renews nothing.
  model.parameters()[0].tensor.fill_(0.25);
  model.require_gradients(Trainable::heads);
  model.refresh_trained_weights();
  EXPECT_EQ(model.leaves()[0].min().item<double>(), 0.5);
  model.require_gradients(Trainable::everything);
  model.refresh_trained_weights();
  EXPECT_EQ(model.leaves()[0].min().item<double>(), 0.25);
}

TEST(Model, HalfPrecisionStaysNearAndGivesGradients) {
  Model model(slim(ModelSettings::Kind::clustering), 1);
  const at::Tensor views = some_views(4, 16);
  const at::Tensor exact = model.logits(model.features(views, ForwardMode::train), 1);
  for (const Precision precision : {Precision::bf16, Precision::fp16}) {
    model.place(at::kCPU, precision);
    model.require_gradients(Trainable::everything);
    const at::Tensor logits = model.logits(model.features(views, ForwardMode::train), 1);
    EXPECT_EQ(logits.scalar_type(), at::kFloat);
    EXPECT_TRUE(at::allclose(logits, exact, 0.1, 0.1));
    logits.square().sum().backward();
    for (size_t i = 0; i + 4 < model.leaves().size(); ++i) {  // head 0 took no part
      ASSERT_TRUE(model.leaves()[i].grad().defined()) << model.parameters()[i].name;
      EXPECT_EQ(model.leaves()[i].grad().scalar_type(), model.leaves()[i].scalar_type());
    }
  }
}

// The last stage of this network sees one pixel; see UnitPass::unit(). What the memory held before
// must not matter.
TEST(Model, GradientsAtOnePixelDoNotDependOnTheMemory) {
  Model model({.backbone = testing_models::slim_backbone("imagenet"), .embedding_dimensions = 6},
              1);
  model.require_gradients(Trainable::everything);
  model.place(at::kCPU, Precision::bf16);
  const at::Tensor views = some_views(16, 16);
  std::vector<at::Tensor> first;
  for (int turn = 0; turn < 8; ++turn) {
    for (const int64_t size : {100, 1000, 3000, 10'000, 30'000, 100'000}) {
      std::vector<at::Tensor> garbage;
      for (int i = 0; i < 8; ++i) garbage.push_back(at::full({size}, turn % 2 ? NAN : 1e30));
    }
    for (const at::Tensor& leaf : model.leaves()) leaf.mutable_grad() = at::Tensor();
    model.embeddings(model.features(views, ForwardMode::train_without_update))
        .select(1, 0)
        .sum()
        .backward();
    for (size_t i = 0; i < model.leaves().size(); ++i) {
      const at::Tensor gradient = model.leaves()[i].grad();
      if (turn == 0) first.push_back(gradient);
      ASSERT_TRUE(gradient.equal(first[i])) << turn << ", " << model.parameters()[i].name;
    }
  }
}

TEST(Model, WhatTrainsIsChosenAndSurvivesPlacing) {
  Model model(slim(ModelSettings::Kind::clustering), 1);
  model.require_gradients(Trainable::heads);
  model.place(at::kCPU, Precision::bf16);
  for (size_t i = 0; i < model.leaves().size(); ++i) {
    EXPECT_EQ(model.leaves()[i].requires_grad(),
              model.parameters()[i].name.starts_with("cluster_head"));
  }
}

TEST(Model, LoadsWhatItSaved) {
  const ModelSettings settings = slim(ModelSettings::Kind::contrastive);
  Model a(settings, 1), b(settings, 2);
  const at::Tensor views = some_views(4, 16);
  a.features(views, ForwardMode::train);
  b.place(at::kCPU, Precision::bf16);
  b.load_state_dict(a.state_dict());
  b.place(at::kCPU, Precision::fp32);
  EXPECT_TRUE(at::equal(a.features(views, ForwardMode::evaluate),
                        b.features(views, ForwardMode::evaluate)));
}

// What is folded for evaluation in bf16 follows every change of weights and running statistics.
TEST(Model, EvaluatesWithItsPresentWeights) {
  const c10::NoGradGuard no_grad;
  const ModelSettings settings = slim(ModelSettings::Kind::contrastive);
  const at::Tensor views = some_views(4, 16);
  const auto features_of = [&](Model& model) {
    return model.features(views, ForwardMode::evaluate);
  };
  const auto features_of_copy = [&](const Model& model) {
    Model copy(settings, 3);
    copy.load_state_dict(model.state_dict());
    copy.place(at::kCPU, Precision::bf16);
    return features_of(copy);
  };
  Model model(settings, 1);
  model.place(at::kCPU, Precision::bf16);
  at::Tensor before = features_of(model);
  const auto expect_changed = [&](const char* what) {
    const at::Tensor now = features_of(model);
    EXPECT_FALSE(at::equal(now, before)) << what;
    EXPECT_TRUE(at::equal(now, features_of_copy(model))) << what;
    before = now;
  };
  model.features(views, ForwardMode::train);
  expect_changed("running statistics");
  model.load_state_dict(Model(settings, 2).state_dict());
  expect_changed("loaded weights");
  std::vector<at::Tensor> masters;
  for (const NamedTensor& master : model.parameters()) masters.push_back(master.tensor);
  at::_foreach_mul_(masters, 1.1);  // as optimizers do
  model.refresh_working_weights();
  expect_changed("a step");
  model.place(at::kCPU, Precision::fp32);
  model.place(at::kCPU, Precision::bf16);
  EXPECT_TRUE(at::equal(features_of(model), before));
}

std::string load_message(Model& model, const StateDict& state) {
  try {
    model.load_state_dict(state);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "";
}

TEST(Model, RefusesOtherWeightsByNameAndChangesNothing) {
  Model model(slim(ModelSettings::Kind::clustering), 1),
      other(slim(ModelSettings::Kind::clustering), 2);
  StateDict state = other.state_dict();
  state[0].name = "backbone.first.weight";
  state[1].tensor = at::ones({9});
  const at::Tensor before = model.parameters()[3].tensor.clone();
  const std::string message = load_message(model, state);
  EXPECT_THAT(message, testing::HasSubstr("missing: backbone.conv1.weight"));
  EXPECT_THAT(message, testing::HasSubstr("unexpected: backbone.first.weight"));
  EXPECT_THAT(message, testing::HasSubstr("backbone.bn1.weight [9] instead of [8]"));
  EXPECT_TRUE(at::equal(before, model.parameters()[3].tensor));
}

TEST(Model, TakesTheBackboneOfAnotherKindOfModel) {
  Model contrastive(slim(ModelSettings::Kind::contrastive), 1);
  Model clustering(slim(ModelSettings::Kind::clustering), 2);
  clustering.load_backbone(contrastive.state_dict());
  const at::Tensor views = some_views(2, 16);
  EXPECT_TRUE(at::equal(contrastive.features(views, ForwardMode::evaluate),
                        clustering.features(views, ForwardMode::evaluate)));
  StateDict headless = contrastive.state_dict();
  headless.erase(headless.begin() + 7);
  EXPECT_THROW(clustering.load_backbone(headless), Error);
}

TEST(Model, RefusesImpossibleSettings) {
  ModelSettings settings = slim(ModelSettings::Kind::clustering);
  settings.backbone.parameters["stem"] = "auto";
  EXPECT_THROW(Model(settings, 1), Error);
  settings.backbone.parameters["stem"] = "stl";
  settings.clusters = 0;
  EXPECT_THROW(Model(settings, 1), Error);
}

}  // namespace
}  // namespace nolabel
