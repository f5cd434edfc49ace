// The forward pass, gradients and running statistics against PyTorch's modules in float64
// (tools/golden/model.py): weights and views are waves that both sides make for themselves.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/model/golden_testing.h"
#include "nolabel/model/model_testing.h"

namespace nolabel {
namespace {

using namespace testing_models;

at::Tensor output(Model& model, const at::Tensor& views, ForwardMode mode) {
  const at::Tensor features = model.features(views, mode);
  const bool contrastive = model.settings().kind == ModelSettings::Kind::contrastive;
  return contrastive ? model.embeddings(features) : at::cat(model.logits(features), 1);
}

struct ParityCase {
  std::string name;
  ModelSettings settings;
  int64_t image_size;
};

std::vector<ParityCase> cases() {
  constexpr auto contrastive = ModelSettings::Kind::contrastive;
  constexpr auto clustering = ModelSettings::Kind::clustering;
  const auto settings = [](auto kind, BackboneDescription backbone, HeadKind head, int heads) {
    return ModelSettings{kind, std::move(backbone), head, 6, 5, heads};
  };
  return {
      {"cifar", settings(contrastive, slim_backbone("cifar"), HeadKind::mlp, 1), 16},
      {"stride2", settings(contrastive, slim_backbone("cifar", 2), HeadKind::linear, 1), 20},
      {"stl", settings(clustering, slim_backbone("stl"), HeadKind::mlp, 2), 24},
      {"imagenet", settings(clustering, slim_backbone("imagenet"), HeadKind::mlp, 1), 40},
      {"resnet50", settings(clustering, slim_resnet50(), HeadKind::mlp, 2), 40},
      {"resnet34", settings(clustering, slim_resnet("resnet34"), HeadKind::mlp, 1), 40},
      {"resnet101", settings(clustering, slim_resnet("resnet101"), HeadKind::mlp, 1), 40},
      {"resnet152", settings(clustering, slim_resnet("resnet152"), HeadKind::mlp, 1), 40},
  };
}

class ModelParity : public testing::TestWithParam<ParityCase> {};

TEST_P(ModelParity, WithPyTorchInFloat64) {
  const auto& [name, settings, size] = GetParam();
  const Value golden = read_weights_file(NOLABEL_TEST_DATA "/parity.safetensors");
  Model model(settings, 1);
  model.place(at::kCPU, Precision::fp64);
  fill(model);
  const at::Tensor views = wave({4, 3, size, size}, 0.5);
  expect_near(output(model, views, ForwardMode::evaluate), golden, name + ".eval");

  model.require_gradients(Trainable::everything);
  const at::Tensor trained = output(model, views, ForwardMode::train);
  expect_near(trained.detach(), golden, name + ".train");
  (trained * wave(trained.sizes(), 1.5)).sum().backward();
  std::vector<at::Tensor> gradients, running;
  for (const at::Tensor& leaf : model.leaves()) gradients.push_back(leaf.grad());
  expect_near(projections(gradients), golden, name + ".gradients", gradient_tolerance);
  for (const NamedTensor& buffer : model.buffers()) {
    running.push_back(buffer.tensor.reshape({-1}).to(at::kDouble));
  }
  expect_near(at::cat(running), golden, name + ".running");
}

TEST_P(ModelParity, OfFeaturesInFp32) {
  const auto& [name, settings, size] = GetParam();
  const Value golden = read_weights_file(NOLABEL_TEST_DATA "/parity.safetensors");
  Model model(settings, 1);
  fill(model);
  model.refresh_working_weights();
  const at::Tensor features =
      model.features(wave({4, 3, size, size}, 0.5), ForwardMode::train).to(at::kDouble);
  const Value* found = golden.find(name + ".features");
  ASSERT_TRUE(found);
  EXPECT_TRUE(at::allclose(features, std::get<at::Tensor>(found->data), 1e-4, 1e-4));
}

INSTANTIATE_TEST_SUITE_P(Backbones, ModelParity, testing::ValuesIn(cases()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace nolabel
