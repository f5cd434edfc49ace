#include "nolabel/pretext/simclr_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/model/model_testing.h"
#include "nolabel/train/resume_testing.h"
#include "nolabel/train/task_testing.h"

namespace nolabel {
namespace {

using namespace testing_tasks;

constexpr int64_t images = 12;

struct Fixture {
  std::shared_ptr<NoiseViews::Record> record = std::make_shared<NoiseViews::Record>();
  SimclrTask task;
  Model model{{.backbone = testing_models::slim_backbone(), .embedding_dimensions = 4}, 1};

  explicit Fixture(bool frozen_statistics = false)
      : task({.temperature = 0.5}, std::make_unique<NoiseViews>(images, record, frozen_statistics),
             {}) {}
};

TEST(SimclrTask, TakesTwoViewsOfAnImageNextToEachOther) {
  Fixture fixture;
  const std::vector<int64_t> samples{7, 3, 5};
  const Tensors inputs = fixture.task.inputs({2, 40, samples});
  ASSERT_EQ(inputs.size(), 1u);
  EXPECT_EQ(inputs[0].sizes(), at::IntArrayRef({6, 3, 8, 8}));
  ASSERT_EQ(fixture.record->gathered.size(), 1u);
  for (size_t row = 0; row < 6; ++row) {
    const ViewOf& view = fixture.record->gathered[0][row];
    EXPECT_EQ(view.image, samples[row / 2]);
    EXPECT_EQ(view.position, 40 + static_cast<int64_t>(row / 2));
    EXPECT_EQ(view.role, row % 2);
  }
}

TEST(SimclrTask, EmbedsBothViewsInOneForward) {
  Fixture fixture;
  const std::vector<int64_t> samples{0, 1, 2};
  const Tensors inputs = fixture.task.inputs({0, 0, samples});
  const at::Tensor embeddings = fixture.task.outputs(fixture.model, inputs, true)[0];
  using Pass = NoiseViews::Pass;
  EXPECT_EQ(fixture.record->passes, (std::vector<Pass>{{6, ForwardMode::train, true}}));
  EXPECT_EQ(embeddings.sizes(), at::IntArrayRef({3, 2, 4}));

  const at::Tensor rows = fixture.model.embeddings(
      fixture.model.features(inputs[0], ForwardMode::train_without_update));
  EXPECT_TRUE(embeddings[2][1].equal(rows[5]));
  EXPECT_TRUE(embeddings[1][0].equal(rows[2]));
}

TEST(SimclrTask, FirstOfTwoPassesLeavesTheStatisticsAlone) {
  Fixture fixture;
  const std::vector<int64_t> samples{0, 1, 2};
  const Tensors before = weights(fixture.model);
  fixture.task.outputs(fixture.model, fixture.task.inputs({0, 0, samples}), false);
  EXPECT_TRUE(same(weights(fixture.model), before));
  fixture.task.outputs(fixture.model, fixture.task.inputs({0, 0, samples}), true);
  EXPECT_EQ(fixture.model.buffers()[2].tensor.item<int64_t>(), 1);
}

TEST(SimclrTask, TrainsEveryParameter) {
  Fixture fixture;
  fixture.task.choose_parameters(fixture.model);
  for (const at::Tensor& leaf : fixture.model.leaves()) EXPECT_TRUE(leaf.requires_grad());
}

TEST(SimclrTask, PassesDoNotChangeTheGradients) {
  Fixture fixture(/*frozen_statistics=*/true);
  expect_passes_do_not_change_gradients(fixture.task, fixture.model);
}

TEST(SimclrTask, LogsWhatTheMonitorSays) {
  std::vector<int> epochs;
  SimclrTask task({}, std::make_unique<NoiseViews>(images, nullptr), [&](Model&, int epoch) {
    epochs.push_back(epoch);
    return nlohmann::json{{"knn_accuracy", 0.5}};
  });
  Fixture fixture;
  EXPECT_EQ(task.validate(fixture.model, 3)["knn_accuracy"], 0.5);
  EXPECT_EQ(epochs, std::vector<int>{3});
  EXPECT_TRUE(fixture.task.validate(fixture.model, 3).empty());
}

// Three SGD steps in float64 on features of 8 images in two views (tools/golden/tasks.py).
TEST(SimclrTask, ThreeStepsEqualPyTorch) {
  Model model({.backbone = given_features(5), .embedding_dimensions = 3}, 0);
  fill_with_waves(model, 0.5);
  SimclrTask task({.temperature = 0.1}, std::make_unique<FixedFeatures>(wave({2, 8, 5}, 50)), {});
  TrainSettings settings;
  settings.optimizer = {.learning_rate = 0.1, .weight_decay = 0.01, .momentum = 0.9};
  expect_steps_equal(NOLABEL_TEST_DATA "/simclr_task.safetensors", task, model, settings);
}

// SGD's momentum, in PyTorch's zip file.
TEST(SimclrTask, ResumesFromPyTorchAndBack) {
  Model model({.backbone = given_features(5), .embedding_dimensions = 3}, 0);
  model.place(at::kCPU, Precision::fp64);
  SimclrTask task({.temperature = 0.1}, std::make_unique<FixedFeatures>(wave({2, 8, 5}, 50)), {});
  TrainSettings settings;
  settings.optimizer = {.learning_rate = 0.1, .weight_decay = 0.01, .momentum = 0.9};
  expect_resumes_across("simclr", task, model, settings);
}

}  // namespace
}  // namespace nolabel
