#include "nolabel/selflabel/selflabel_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/train/loop.h"
#include "nolabel/train/resume_testing.h"
#include "nolabel/train/task_testing.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using namespace testing_tasks;

struct Fixture {
  std::shared_ptr<NoiseViews::Record> weak = std::make_shared<NoiseViews::Record>();
  std::shared_ptr<NoiseViews::Record> strong = std::make_shared<NoiseViews::Record>();
  SelflabelTask task;
  Model model{{.kind = ModelSettings::Kind::clustering,
               .backbone = testing_models::slim_backbone(),
               .clusters = 3},
              1};

  explicit Fixture(const SelflabelSettings& settings, bool frozen_statistics = false)
      : task(settings, std::make_unique<NoiseViews>(12, weak, frozen_statistics),
             std::make_unique<NoiseViews>(12, strong, frozen_statistics), {}) {}
};

// Every image is confident, and learnt from.
constexpr SelflabelSettings keep_all{.confidence_threshold = 0};

TEST(SelflabelTask, TakesAWeakAndAStrongViewOfEachImage) {
  Fixture fixture(keep_all);
  const std::vector<int64_t> samples{7, 3, 5};
  const Tensors inputs = fixture.task.inputs({2, 40, samples});
  ASSERT_EQ(inputs.size(), 2u);
  for (uint32_t role = 0; role < 2; ++role) {
    EXPECT_EQ(inputs[role].sizes(), at::IntArrayRef({3, 3, 8, 8}));
    const NoiseViews::Record& record = role == 0 ? *fixture.weak : *fixture.strong;
    ASSERT_EQ(record.gathered.size(), 1u);
    for (size_t i = 0; i < samples.size(); ++i) {
      const ViewOf& view = record.gathered[0][i];
      EXPECT_EQ(view.image, samples[i]);
      EXPECT_EQ(view.position, 40 + static_cast<int64_t>(i));
      EXPECT_EQ(view.role, role);
    }
  }
}

TEST(SelflabelTask, RunsTheWeakViewsInTrainModeWithoutGradient) {
  Fixture fixture(keep_all);
  fixture.task.choose_parameters(fixture.model);
  for (const at::Tensor& leaf : fixture.model.leaves()) EXPECT_TRUE(leaf.requires_grad());

  const Tensors inputs = fixture.task.inputs({0, 0, in_order(4)});
  const Tensors outputs = fixture.task.outputs(fixture.model, inputs, true);
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].sizes(), at::IntArrayRef({4, 3}));
  EXPECT_FALSE(outputs[0].requires_grad());
  EXPECT_TRUE(outputs[1].requires_grad());
  using Pass = NoiseViews::Pass;
  EXPECT_EQ(fixture.weak->passes, (std::vector<Pass>{{4, ForwardMode::train, false}}));
  EXPECT_EQ(fixture.strong->passes, (std::vector<Pass>{{4, ForwardMode::train, true}}));

  // Batch norm saw the weak views, then the strong ones.
  Fixture other(keep_all);
  other.model.features(inputs[0], ForwardMode::train);
  other.model.features(inputs[1], ForwardMode::train);
  EXPECT_TRUE(same(weights(fixture.model), weights(other.model)));
}

TEST(SelflabelTask, WithAFrozenBackboneOnlyTheHeadMoves) {
  Fixture fixture({.confidence_threshold = 0, .head_only = true});
  fixture.task.choose_parameters(fixture.model);
  const Tensors backbone = weights(fixture.model, "backbone.");
  const Tensors head = weights(fixture.model, "cluster_head.");
  TrainingStep step(fixture.task, fixture.model, {});
  EXPECT_EQ(step.gradients().size(), 2u);
  step.run({0, 0, in_order(8)}, 0.1);
  EXPECT_TRUE(same(weights(fixture.model, "backbone."), backbone));
  EXPECT_FALSE(same(weights(fixture.model, "cluster_head."), head));
  using Pass = NoiseViews::Pass;
  EXPECT_EQ(fixture.strong->passes, (std::vector<Pass>{{8, ForwardMode::evaluate, false}}));
}

TEST(SelflabelTask, PassesDoNotChangeTheGradients) {
  for (const bool head_only : {false, true}) {
    for (const bool balanced : {false, true}) {
      Fixture fixture({.confidence_threshold = 0, .balanced = balanced, .head_only = head_only},
                      /*frozen_statistics=*/true);
      expect_passes_do_not_change_gradients(fixture.task, fixture.model);
    }
  }
}

TEST(SelflabelTask, ABatchWithoutAConfidentImageTrainsNothing) {
  for (const int pass : {0, 3}) {
    Fixture fixture({.confidence_threshold = 1});
    fixture.task.choose_parameters(fixture.model);
    TrainSettings settings;
    settings.micro_batch_size = pass;
    settings.optimizer.weight_decay = 0.1;
    const at::Tensor before = fixture.model.parameters()[0].tensor.detach().clone();
    TrainingStep step(fixture.task, fixture.model, settings);
    const LossValues loss = step.run({0, 0, in_order(8)}, 0.1);
    EXPECT_TRUE(loss.trains_nothing.item<bool>());
    EXPECT_EQ(loss.cluster_counts.sum().item<int64_t>(), 8);
    EXPECT_TRUE(fixture.model.parameters()[0].tensor.equal(before));
  }
}

// Three SGD steps in float64 with averaged weights (tools/golden/tasks.py); of 24 images, 15 or
// so are confident.
TEST(SelflabelTask, ThreeStepsEqualPyTorch) {
  Model model(
      {.kind = ModelSettings::Kind::clustering, .backbone = given_features(7), .clusters = 3}, 0);
  fill_with_waves(model, 2);
  const at::Tensor features = wave({2, 24, 7}, 50);
  SelflabelTask task({.confidence_threshold = 0.9}, std::make_unique<FixedFeatures>(features),
                     std::make_unique<FixedFeatures>(features), {});
  TrainSettings settings;
  settings.optimizer = {.learning_rate = 0.1, .momentum = 0.9};
  settings.use_ema = true;
  settings.ema_alpha = 0.9;
  expect_steps_equal(NOLABEL_TEST_DATA "/selflabel_task.safetensors", task, model, settings);
}

// Adam's moments and steps, in PyTorch's zip file; names with `module.`.
TEST(SelflabelTask, ResumesFromPyTorchAndBack) {
  Model model(
      {.kind = ModelSettings::Kind::clustering, .backbone = given_features(7), .clusters = 3}, 0);
  model.place(at::kCPU, Precision::fp64);
  const at::Tensor features = wave({2, 24, 7}, 50);
  SelflabelTask task({.confidence_threshold = 0.9}, std::make_unique<FixedFeatures>(features),
                     std::make_unique<FixedFeatures>(features), {});
  TrainSettings settings;
  settings.optimizer = {.kind = OptimizerKind::adam, .learning_rate = 0.01, .weight_decay = 0.01};
  expect_resumes_across("selflabel", task, model, settings);
}

// Blobs around three axes, and a head that is sure near the axes only: training makes it sure of
// (nearly) all, without moving an image to another cluster. The last epoch's model is in the file.
TEST(SelflabelTask, SpreadsConfidenceAndWritesEveryEpoch) {
  constexpr int64_t images = 90;
  const at::Tensor centers = at::eye(3).repeat({images / 3, 1});
  const at::Tensor noise = wave({4, images, 3}, 0).to(at::kFloat) * 0.4;
  const fs::path directory =
      fs::path(testing::TempDir()) / format("selflabel_test_{}", static_cast<int64_t>(getpid()));
  make_directory(directory);
  const fs::path file = directory / "model.pth.tar";
  const auto weak = [&] {
    return std::make_unique<CachedFeatures>(centers.unsqueeze(0) + noise.narrow(0, 0, 1), 0,
                                            StageNumber::features);
  };
  SelflabelTask task({.confidence_threshold = 0.9, .head_only = true}, weak(),
                     std::make_unique<CachedFeatures>(centers + noise, 0, StageNumber::selflabel),
                     file);
  Model model(
      {.kind = ModelSettings::Kind::clustering, .backbone = given_features(3), .clusters = 3}, 2);
  model.parameters()[0].tensor.detach().copy_(4 * at::eye(3));
  model.parameters()[1].tensor.detach().zero_();
  const auto probabilities = [&] { return model.logits(centers + noise[0], 0).softmax(1); };
  const auto sure = [&] { return probabilities().amax(1).gt(0.9).sum().item<int64_t>(); };
  const at::Tensor clusters = probabilities().argmax(1);
  const int64_t sure_before = sure();
  ASSERT_LT(sure_before, images * 9 / 10);

  TrainSettings settings;
  settings.batch_size = 30;
  settings.optimizer = {.kind = OptimizerKind::adam, .learning_rate = 0.1};
  for (const int epochs : {1, 10}) {
    settings.epochs = epochs;
    train(task, model, settings, directory, {});
    const Value written = read_weights_file(file);
    for (const NamedTensor& parameter : model.parameters()) {
      const Value* tensor = written.find(parameter.name);
      ASSERT_TRUE(tensor);
      EXPECT_TRUE(std::get<at::Tensor>(tensor->data).equal(parameter.tensor)) << epochs;
    }
  }
  EXPECT_GT(sure(), images * 95 / 100);
  EXPECT_GT(probabilities().argmax(1).eq(clusters).sum().item<int64_t>(), images * 95 / 100);
  fs::remove_all(directory);
}

}  // namespace
}  // namespace nolabel
