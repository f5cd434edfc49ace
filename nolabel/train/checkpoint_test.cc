#include "nolabel/train/checkpoint.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/train/task_testing.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using namespace testing_tasks;

// Embeddings grow towards the first axis; remembers one number.
class SmallTask : public Task {
 public:
  int64_t memory = 0;

  std::string name() const override { return "small"; }
  int64_t samples() const override { return 4; }
  void choose_parameters(Model& model) const override {
    model.require_gradients(Trainable::everything);
  }
  Tensors inputs(const SampleRange& range) const override {
    return {wave({static_cast<int64_t>(range.samples.size()), 3}, range.epoch).to(at::kFloat)};
  }
  Tensors outputs(Model& model, const Tensors& inputs, bool) const override {
    return {model.embeddings(inputs[0])};
  }
  LossValues loss(const Tensors& outputs) const override {
    const at::Tensor total = -outputs[0].select(1, 0).mean();
    return {.total = total,
            .parts = {{"loss", total.detach()}},
            .trains_nothing = {},
            .cluster_counts = {}};
  }
  nlohmann::json validate(Model&, int) override { return {}; }
  void save() override {}
  Value state() const override { return Value::dict({{std::string("memory"), memory}}); }
  void load_state(const Value& state) override {
    if (const Value* number = state.find("memory")) memory = std::get<int64_t>(number->data);
  }
  void describe(Group&, Message&) const override { FAIL() << "no process works on it with others"; }
};

// All that a training is, and a step of it.
struct Training {
  SmallTask task;
  Model model;
  TrainSettings settings;
  std::unique_ptr<TrainingStep> step;
  EpochLog log;
  Cursor cursor;

  explicit Training(uint64_t model_seed, int width = 3)
      : model({.backbone = given_features(width), .embedding_dimensions = 2}, model_seed) {
    settings.seed = 5;
    settings.use_ema = true;
    settings.ema_alpha = 0.5;
    task.choose_parameters(model);
    step = std::make_unique<TrainingStep>(task, model, settings);
  }
  TrainingState state() { return {task, model, *step, log, cursor}; }
  void train_one() {
    log.add(step->run({cursor.epoch, 0, in_order(4)}, 0.1));
    ++cursor.step;
  }
  std::optional<std::string> read(const fs::path& path) {
    TrainingState restored = state();
    return read_checkpoint(path, restored, settings);
  }
};

class CheckpointTest : public testing::Test {
 protected:
  void SetUp() override { at::set_num_threads(1); }
  void TearDown() override { fs::remove(file); }

  // After one epoch and two steps of the next.
  void write(Training& training) {
    training.cursor = {1, 0};
    training.task.memory = 7;
    for (int i = 0; i < 2; ++i) training.train_one();
    write_checkpoint(file, training.state(), training.settings);
  }
  const fs::path file = fs::path(testing::TempDir()) /
                        format("checkpoint_test_{}.pth.tar", static_cast<int64_t>(getpid()));
};

TEST_F(CheckpointTest, RestoresEverything) {
  Training before(1), after(2);
  write(before);
  EXPECT_EQ(after.read(file), std::nullopt);
  EXPECT_EQ(after.cursor.epoch, 1);
  EXPECT_EQ(after.cursor.step, 2);
  EXPECT_EQ(after.task.memory, 7);
  for (Training* each : {&before, &after}) each->train_one();  // momentum too
  EXPECT_TRUE(same(weights(after.model), weights(before.model)));
  EXPECT_TRUE(same(after.step->ema()->shadow(), before.step->ema()->shadow()));
  EXPECT_EQ(after.log.means(), before.log.means());
}

// The published program's names, which are read like ours.
TEST_F(CheckpointTest, TakesTheNamesOfADataParallelModel) {
  Training before(1), after(2);
  before.settings.module_prefix = true;
  write(before);
  const StateDict state = to_state_dict(*read_weights_file(file).find("model"), "checkpoint");
  ASSERT_FALSE(state.empty());
  for (const NamedTensor& entry : state)
    EXPECT_TRUE(entry.name.starts_with("module.")) << entry.name;
  EXPECT_EQ(after.read(file), std::nullopt);
  EXPECT_TRUE(same(weights(after.model), weights(before.model)));
}

TEST_F(CheckpointTest, SaysWhatIsDifferent) {
  Training before(1), training(2);
  write(before);
  training.settings.seed = 6;
  EXPECT_EQ(training.read(file), "this file was written with seed 5, but this run has 6");
  training.settings.seed = 5;
  at::set_num_threads(2);
  EXPECT_EQ(training.read(file),
            "this file was written with 1 threads, but this run has 2; the last bits may differ");
  at::set_num_threads(1);
}

// The published program's file: an epoch, but no step, no sums and no average, which starts again
// from the file's weights.
TEST_F(CheckpointTest, OfAnotherProgramContinuesWithTheNextEpoch) {
  Training before(1), after(2);
  write(before);
  ValueDict published;
  const Value ours = read_weights_file(file);
  for (const auto& entry : *std::get<std::shared_ptr<ValueDict>>(ours.data)) {
    if (std::get<std::string>(entry.first.data) != "nolabel") published.push_back(entry);
  }
  write_torch_file(file, Value::dict(published));
  const auto remark = after.read(file);
  ASSERT_TRUE(remark);
  EXPECT_NE(remark->find("another program"), std::string::npos);
  EXPECT_EQ(after.cursor.epoch, 1);
  EXPECT_EQ(after.cursor.step, 0);
  EXPECT_TRUE(after.log.means().empty());
  EXPECT_TRUE(same(weights(after.model), weights(before.model)));
  EXPECT_TRUE(same(after.step->ema()->shadow(), weights(before.model)));
}

TEST_F(CheckpointTest, OfAnotherModelIsRefused) {
  Training before(1), wider(2, 4);
  write(before);
  EXPECT_THROW(wider.read(file), Error);
}

TEST_F(CheckpointTest, OfTheBareWeightsIsFinished) {
  Training other(1), training(2);
  write_torch_file(file, to_value(other.model.state_dict()));
  training.settings.epochs = 30;
  const auto remark = training.read(file);
  ASSERT_TRUE(remark);
  EXPECT_NE(remark->find("only weights"), std::string::npos);
  EXPECT_EQ(training.cursor.epoch, 30);
  EXPECT_TRUE(same(weights(training.model), weights(other.model)));
  EXPECT_TRUE(same(training.step->ema()->shadow(), weights(other.model)));
}

TEST_F(CheckpointTest, WithoutItsPartsIsDamaged) {
  Training training(2);
  for (const char* missing : {"optimizer", "epoch"}) {
    write(training);
    ValueDict parts;
    const Value whole = read_weights_file(file);
    for (const auto& entry : *std::get<std::shared_ptr<ValueDict>>(whole.data)) {
      if (std::get<std::string>(entry.first.data) != missing) parts.push_back(entry);
    }
    write_torch_file(file, Value::dict(parts));
    try {
      training.read(file);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos) << error.what();
    }
  }
}

// The estimate that room is asked for by, against the file: what else is in it takes a few kB.
TEST_F(CheckpointTest, TakesAsMuchRoomAsIsAskedFor) {
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adam}) {
    for (const bool average : {false, true}) {
      Training training(1, 2000);
      training.settings.optimizer.kind = kind;
      training.settings.use_ema = average;
      training.step =
          std::make_unique<TrainingStep>(training.task, training.model, training.settings);
      write_checkpoint(file, training.state(), training.settings);
      const auto wanted = static_cast<double>(checkpoint_bytes(training.model, training.settings));
      EXPECT_LE(static_cast<double>(fs::file_size(file)), wanted + 20'000);
    }
  }
}

TEST(RequireCheckpointRoom, SaysHowMuchIsMissing) {
  EXPECT_NO_THROW(require_checkpoint_room(5'000'000, 5'000'000, "run/scan"));
  try {
    require_checkpoint_room(5'000'001, 4'999'999, "run/scan");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::system);
    EXPECT_STREQ(error.what(),
                 "run/scan must have 6 MB free for the checkpoint and the model of the training. "
                 "4 MB are free.");
  }
}

}  // namespace
}  // namespace nolabel
