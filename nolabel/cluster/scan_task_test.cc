#include "nolabel/cluster/scan_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/train/loop.h"
#include "nolabel/train/resume_testing.h"
#include "nolabel/train/task_testing.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using namespace testing_tasks;

// Row i is i, i + 1, i + 2 …
Matrix<int64_t> following(int64_t images, int64_t columns) {
  Matrix<int64_t> table(images, columns);
  for (int64_t i = 0; i < images; ++i) {
    for (int64_t c = 0; c < columns; ++c) table.at(i, c) = (i + c) % images;
  }
  return table;
}

ScanTask task_on(std::unique_ptr<InputSource> inputs, const ScanSettings& settings) {
  const int64_t images = inputs->size();
  return {settings, std::move(inputs), following(images, 6), {}, {}, 3};
}

Model small_model() {
  return Model({.kind = ModelSettings::Kind::clustering,
                .backbone = testing_models::slim_backbone(),
                .clusters = 3,
                .heads = 2},
               1);
}

struct Fixture {
  std::shared_ptr<NoiseViews::Record> record = std::make_shared<NoiseViews::Record>();
  ScanTask task;
  Model model = small_model();

  explicit Fixture(bool head_only, bool frozen_statistics = false)
      : task(task_on(std::make_unique<NoiseViews>(12, record, frozen_statistics),
                     {.neighbors = 3, .head_only = head_only})) {}
};

TEST(ScanTask, TakesAViewOfAnImageAndOneOfANeighbor) {
  Fixture fixture(false);
  const std::vector<int64_t> samples{7, 3, 5, 11};
  const Tensors inputs = fixture.task.inputs({2, 40, samples});
  ASSERT_EQ(inputs.size(), 2u);
  ASSERT_EQ(fixture.record->gathered.size(), 2u);
  for (uint32_t role = 0; role < 2; ++role) {
    EXPECT_EQ(inputs[role].sizes(), at::IntArrayRef({4, 3, 8, 8}));
    for (size_t i = 0; i < samples.size(); ++i) {
      const ViewOf& view = fixture.record->gathered[role][i];
      EXPECT_EQ(view.position, 40 + static_cast<int64_t>(i));
      EXPECT_EQ(view.role, role);  // so an image that is its own neighbor has another view
      const int64_t column = (view.image - samples[i] + 12) % 12;
      EXPECT_LE(column, role == 0 ? 0 : 3);
    }
  }
}

TEST(ScanTask, DrawsNeighborsUniformlyFromTheFirstColumns) {
  constexpr int64_t images = 40, epochs = 200;
  const at::Tensor number = at::arange(images, at::kDouble).view({1, images, 1}).expand({2, -1, 1});
  const ScanTask task = task_on(std::make_unique<FixedFeatures>(number), {.neighbors = 4});
  const std::vector<int64_t> order = in_order(images);
  at::Tensor counts = at::zeros({6}, at::kLong);
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const Tensors inputs = task.inputs({epoch, 0, order});
    EXPECT_TRUE(inputs[0].equal(number[0]));
    const at::Tensor columns = (inputs[1] - inputs[0]).remainder(images).to(at::kLong).flatten();
    counts += at::bincount(columns, {}, 6);
  }
  EXPECT_EQ(counts[5].item<int64_t>(), 0);
  const double expected = images * epochs / 5.0, deviation = std::sqrt(expected * 0.8);
  for (int64_t column = 0; column < 5; ++column) {
    EXPECT_NEAR(counts[column].item<double>(), expected, 4 * deviation) << column;
  }
  EXPECT_TRUE(task.inputs({7, 0, order})[1].equal(task.inputs({7, 0, order})[1]));
  EXPECT_FALSE(task.inputs({7, 0, order})[1].equal(task.inputs({8, 0, order})[1]));
}

TEST(ScanTask, RunsAnchorsThenNeighborsInTrainMode) {
  Fixture fixture(/*head_only=*/false);
  fixture.task.choose_parameters(fixture.model);
  for (const at::Tensor& leaf : fixture.model.leaves()) EXPECT_TRUE(leaf.requires_grad());

  const Tensors inputs = fixture.task.inputs({0, 0, in_order(4)});
  const Tensors outputs = fixture.task.outputs(fixture.model, inputs, true);
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].sizes(), at::IntArrayRef({4, 2, 3}));
  EXPECT_EQ(outputs[1].sizes(), at::IntArrayRef({4, 2, 3}));
  const NoiseViews::Pass pass{4, ForwardMode::train, true};
  EXPECT_EQ(fixture.record->passes, (std::vector{pass, pass}));
  EXPECT_EQ(fixture.model.buffers()[2].tensor.item<int64_t>(), 2);

  const at::Tensor neighbors = fixture.model.features(inputs[1], ForwardMode::train_without_update);
  EXPECT_TRUE(outputs[1].select(1, 1).equal(fixture.model.logits(neighbors, 1)));
}

TEST(ScanTask, WithAFrozenBackboneOnlyTheHeadsMove) {
  Fixture fixture(/*head_only=*/true);
  fixture.task.choose_parameters(fixture.model);
  const Tensors backbone = weights(fixture.model, "backbone.");
  const Tensors heads = weights(fixture.model, "cluster_head.");
  TrainSettings settings;
  settings.optimizer = {.weight_decay = 0.1, .momentum = 0.9};
  TrainingStep step(fixture.task, fixture.model, settings);
  EXPECT_EQ(step.gradients().size(), 4u);
  step.run({0, 0, in_order(8)}, 0.1);
  EXPECT_TRUE(same(weights(fixture.model, "backbone."), backbone));
  const Tensors moved = weights(fixture.model, "cluster_head.");
  for (size_t i = 0; i < heads.size(); ++i) EXPECT_FALSE(moved[i].equal(heads[i])) << i;
  const NoiseViews::Pass pass{8, ForwardMode::evaluate, false};
  EXPECT_EQ(fixture.record->passes, (std::vector{pass, pass}));
}

TEST(ScanTask, PassesDoNotChangeTheGradients) {
  for (const bool head_only : {false, true}) {
    Fixture fixture(head_only, /*frozen_statistics=*/true);
    expect_passes_do_not_change_gradients(fixture.task, fixture.model);
  }
}

TEST(ScanTask, CountsTheImagesOfEachCluster) {
  Fixture fixture(false);
  at::Tensor logits = at::zeros({5, 2, 3});
  for (const int64_t image : {0, 1, 2}) logits[image][0][2] = 9;
  const LossValues loss = fixture.task.loss({logits, logits});
  EXPECT_TRUE(loss.cluster_counts.equal(at::tensor({2, 0, 3, 5, 0, 0}, at::kLong).view({2, 3})));
  EXPECT_FALSE(loss.trains_nothing.defined());
}

// Features of 8 images, two heads; the neighbor of image i is image i + 1 (tools/golden/tasks.py).
ScanTask golden_task(const fs::path& model_path = {}) {
  Matrix<int64_t> table(8, 2);
  for (int64_t i = 0; i < 8; ++i) table.at(i, 0) = table.at(i, 1) = (i + 1) % 8;
  return {{.neighbors = 1},
          std::make_unique<FixedFeatures>(wave({2, 8, 5}, 50)),
          table,
          {},
          model_path,
          0};
}
const ModelSettings golden_model{.kind = ModelSettings::Kind::clustering,
                                 .backbone = given_features(5),
                                 .clusters = 4,
                                 .heads = 2};
TrainSettings golden_settings() {
  TrainSettings settings;
  settings.optimizer = {.kind = OptimizerKind::adam, .learning_rate = 0.01, .weight_decay = 0.01};
  return settings;
}

TEST(ScanTask, ThreeStepsEqualPyTorch) {
  Model model(golden_model, 0);
  fill_with_waves(model, 0.5);
  ScanTask task = golden_task();
  expect_steps_equal(NOLABEL_TEST_DATA "/scan_task.safetensors", task, model, golden_settings());
}

// Adam's moments and steps as PyTorch 1.4 keeps them, in its stream; names with `module.`, and the
// best loss and head as NumPy scalars.
TEST(ScanTask, ResumesFromPyTorchAndBack) {
  Model model(golden_model, 0);
  model.place(at::kCPU, Precision::fp64);
  const fs::path best =
      fs::path(testing::TempDir()) / format("scan_best_{}", static_cast<int64_t>(getpid()));
  write_file(best, "the model of before");
  ScanTask task = golden_task(best);
  expect_resumes_across("scan", task, model, golden_settings());
  fs::remove(best);
  EXPECT_EQ(std::get<double>(task.state().find("best_loss")->data), -1.5);
  EXPECT_EQ(std::get<int64_t>(task.state().find("best_loss_head")->data), 1);
}

// Four validation images, two by two neighbors. `sureness` s gives the first pair the logits (s, 0)
// and the second (0, s), in head `head`; the other head knows nothing.
class ScanTaskValidation : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(file); }
  void TearDown() override { fs::remove_all(file); }

  ScanTask make_task() {
    Matrix<int64_t> neighbors(4, 2);
    neighbors.values = {0, 1, 1, 0, 2, 3, 3, 2};
    const auto features = [](Model&) {
      return at::tensor({1, 0, 1, 0, 0, 1, 0, 1}, at::kFloat).view({4, 2});
    };
    return {{.neighbors = 1},
            std::make_unique<FixedFeatures>(at::zeros({2, 4, 2})),
            following(4, 2),
            {features, neighbors},
            file,
            0};
  }
  void set_head(int head, double sureness) {
    for (int h = 0; h < 2; ++h) {
      const size_t weight = 2 * static_cast<size_t>(h);
      model.parameters()[weight].tensor.detach().copy_(at::eye(2) * (h == head ? sureness : 0));
      model.parameters()[weight + 1].tensor.detach().zero_();
    }
  }
  // Head of the saved model, which must have the weights of `model` exactly if `current`.
  int64_t saved_head(bool current) const {
    const WeightsInFile saved = read_model_weights(file);
    Tensors tensors;
    for (const NamedTensor& entry : saved.state) tensors.push_back(entry.tensor);
    EXPECT_EQ(same(tensors, weights(model)), current);
    return saved.best_head.value_or(-1);
  }

  const fs::path file = fs::path(testing::TempDir()) /
                        format("scan_task_test_{}.pth.tar", static_cast<int64_t>(getpid()));
  Model model{{.kind = ModelSettings::Kind::clustering,
               .backbone = given_features(2),
               .clusters = 2,
               .heads = 2},
              0};
};

TEST_F(ScanTaskValidation, KeepsTheModelOnlyWhenItIsStrictlyBetter) {
  ScanTask task = make_task();
  const auto validated = [&](int head, double sureness) {
    set_head(head, sureness);
    nlohmann::json figures = task.validate(model, 0);
    task.save();
    return figures;
  };
  nlohmann::json figures = validated(1, 2);
  EXPECT_EQ(figures["head"], 1);
  EXPECT_EQ(figures["best"], true);
  EXPECT_EQ(figures["heads"].size(), 2u);
  const double p = 1 / (1 + std::exp(-2.0));
  EXPECT_NEAR(figures["total"], -std::log(p * p + (1 - p) * (1 - p)) - std::log(2.0), 1e-6);
  EXPECT_EQ(saved_head(true), 1);

  EXPECT_EQ(validated(0, 2)["best"], false);  // as good, in the other head
  EXPECT_EQ(saved_head(false), 1);
  EXPECT_EQ(validated(0, 1)["best"], false);
  EXPECT_EQ(saved_head(false), 1);
  EXPECT_EQ(validated(0, 3)["best"], true);
  EXPECT_EQ(saved_head(true), 0);
}

TEST_F(ScanTaskValidation, ATieBetweenHeadsGoesToTheFirst) {
  ScanTask task = make_task();
  set_head(-1, 0);
  EXPECT_EQ(task.validate(model, 0)["head"], 0);
  EXPECT_FALSE(fs::exists(file));  // until the next checkpoint
  task.save();
  EXPECT_EQ(saved_head(true), 0);
}

TEST_F(ScanTaskValidation, RemembersTheBestAcrossAResume) {
  ScanTask task = make_task();
  EXPECT_TRUE(std::holds_alternative<std::monostate>(task.state().find("best_loss_head")->data));
  make_task().load_state(task.state());  // none yet: as published, None

  set_head(1, 2);
  const double total = task.validate(model, 0)["total"];
  EXPECT_EQ(std::get<double>(task.state().find("best_loss")->data), total);
  EXPECT_EQ(std::get<int64_t>(task.state().find("best_loss_head")->data), 1);
  task.save();
  ScanTask resumed = make_task();
  resumed.load_state(task.state());
  EXPECT_EQ(resumed.validate(model, 1)["best"], false);
  set_head(1, 3);
  EXPECT_EQ(resumed.validate(model, 2)["best"], true);
  EXPECT_THROW(resumed.load_state(Value::dict({})), Error);
}

// Somebody may bring a checkpoint alone: it ends with a model all the same.
TEST_F(ScanTaskValidation, WithoutTheBestModelStartsToSelectAnew) {
  ScanTask task = make_task();
  task.load_state(Value::dict(
      {{std::string("best_loss"), -100.0}, {std::string("best_loss_head"), int64_t{1}}}));
  set_head(0, 2);
  EXPECT_EQ(task.validate(model, 5)["best"], true);
  task.save();
  EXPECT_EQ(saved_head(true), 0);
}

// Three blobs around three axes; neighbors are images of the same blob.
TEST(ScanTask, FindsBlobs) {
  constexpr int64_t images = 90;
  const at::Tensor blob = at::arange(images, at::kLong).remainder(3);
  const at::Tensor centers = at::eye(3).index_select(0, blob);
  const at::Tensor noise = wave({4, images, 3}, 0).to(at::kFloat) * 0.4;
  Matrix<int64_t> table(images, 6);
  for (int64_t i = 0; i < images; ++i) {
    for (int64_t c = 0; c < 6; ++c) table.at(i, c) = (i + 3 * c) % images;
  }
  const fs::path directory =
      fs::path(testing::TempDir()) / format("scan_blobs_{}", static_cast<int64_t>(getpid()));
  make_directory(directory);
  ScanTask task({.neighbors = 5, .head_only = true},
                std::make_unique<CachedFeatures>(centers + noise, 0, StageNumber::scan), table,
                {[&](Model&) { return centers + noise[0]; }, table}, directory / "model.pth.tar",
                0);
  Model model(
      {.kind = ModelSettings::Kind::clustering, .backbone = given_features(3), .clusters = 3}, 2);
  TrainSettings settings;
  settings.epochs = 20;
  settings.batch_size = 30;
  settings.optimizer = {.kind = OptimizerKind::adam, .learning_rate = 0.1};
  train(task, model, settings, directory, {});

  const WeightsInFile best = read_model_weights(directory / "model.pth.tar");
  model.load_state_dict(best.state);
  const at::Tensor cluster = model.logits(centers + noise[0], 0).argmax(1);
  std::array<int64_t, 3> match{0, 1, 2};
  int64_t most = 0;
  do {
    const at::Tensor classes = at::tensor(at::ArrayRef<int64_t>(match)).index_select(0, cluster);
    most = std::max(most, classes.eq(blob).sum().item<int64_t>());
  } while (std::next_permutation(match.begin(), match.end()));
  EXPECT_GT(static_cast<double>(most) / images, 0.95);
  fs::remove_all(directory);
}

}  // namespace
}  // namespace nolabel
