#include "nolabel/train/loop.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/random.h"
#include "nolabel/train/step.h"

namespace nolabel {
namespace {
namespace fs = std::filesystem;

constexpr int64_t images = 24, side = 8;

// Couples the whole batch, as all our losses do: the variance of the outputs over the batch.
class CouplingTask : public Task {
 public:
  double scale = 1;  // NaN provokes the guard
  bool trains_nothing = false;
  std::function<void()> on_save;
  int unused_clusters = 0;
  at::ScalarType type = at::kFloat;
  bool frozen_statistics = false;
  int validations = 0;
  std::function<void(int)> on_validation;  // with the count so far

  std::string name() const override { return "coupling"; }
  int64_t samples() const override { return images; }
  void choose_parameters(Model& model) const override { model.require_gradients(true); }
  std::vector<at::Tensor> inputs(const SampleRange& range) const override {
    at::Tensor views = at::empty({static_cast<int64_t>(range.samples.size()), 3, side, side});
    for (size_t i = 0; i < range.samples.size(); ++i) {
      Random random(7, Purpose::view, range.epoch,
                    static_cast<uint32_t>(range.first_position + static_cast<int64_t>(i)),
                    static_cast<uint32_t>(range.samples[i]));
      float* pixels = views[static_cast<int64_t>(i)].mutable_data_ptr<float>();
      for (int64_t p = 0; p < 3 * side * side; ++p) pixels[p] = random.uniform(-1, 1);
    }
    return {views.to(type)};
  }
  std::vector<at::Tensor> outputs(Model& model, const std::vector<at::Tensor>& inputs,
                                  bool update) const override {
    BatchNormMode mode = update ? BatchNormMode::train : BatchNormMode::train_without_update;
    if (frozen_statistics) mode = BatchNormMode::eval;
    return {model.embeddings(model.features(inputs[0], mode))};
  }
  LossValues loss(const std::vector<at::Tensor>& outputs) const override {
    const at::Tensor total = outputs[0].var(0).sum().neg() * scale;
    const at::Tensor reported =
        trains_nothing ? at::full_like(total.detach(), NAN) : total.detach();
    LossValues values{
        .total = total, .parts = {{"loss", reported}}, .trains_nothing = {}, .cluster_counts = {}};
    if (trains_nothing) values.trains_nothing = at::ones({}, at::kBool);
    at::Tensor counts = at::ones({1, 4}, at::kLong);
    counts.narrow(1, 0, unused_clusters).zero_();
    values.cluster_counts = counts;
    return values;
  }
  nlohmann::json validate(Model&, int) override {
    if (on_validation) on_validation(validations);
    return {{"count", ++validations}};
  }
  void save() override {
    if (on_save) on_save();
  }
  Value state() const override {
    return Value::dict({{std::string("validations"), static_cast<int64_t>(validations)}});
  }
  void load_state(const Value& state) override {
    validations = static_cast<int>(std::get<int64_t>(state.find("validations")->data));
  }
};

Model small_model() {
  return Model({.backbone = {.width = 8}, .embedding_dimensions = 8}, 11);
}

TrainSettings settings_for(int epochs) {
  TrainSettings settings;
  settings.epochs = epochs;
  settings.batch_size = 8;
  settings.optimizer.learning_rate = 0.05;
  settings.use_ema = true;
  return settings;
}

std::vector<at::Tensor> weights(const Model& model) {
  std::vector<at::Tensor> copies;
  for (const NamedTensor& entry : model.state_dict()) copies.push_back(entry.tensor.clone());
  return copies;
}

bool same(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (!a[i].equal(b[i])) return false;
  }
  return a.size() == b.size();
}

class LoopTest : public testing::Test {
 protected:
  void SetUp() override {
    at::set_num_threads(1);
    fs::remove_all(directory);
  }
  void TearDown() override { fs::remove_all(directory); }

  std::vector<at::Tensor> train_in(const fs::path& where, int epochs,
                                   const Observer& observer = {}) {
    CouplingTask task;
    Model model = small_model();
    train(task, model, settings_for(epochs), where, observer);
    return weights(model);
  }
  const fs::path directory =
      fs::path(testing::TempDir()) / format("loop_test_{}", static_cast<int64_t>(getpid()));
};

TEST_F(LoopTest, LearnsAndLogsEveryEpoch) {
  CouplingTask task;
  Model model = small_model();
  train(task, model, settings_for(4), directory, {});
  std::vector<double> losses;
  std::istringstream lines(read_file(directory / "metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const auto record = nlohmann::json::parse(line);
    losses.push_back(record["loss"]);
    EXPECT_EQ(record["stage"], "coupling");
    EXPECT_EQ(record["epoch"], losses.size());
    EXPECT_EQ(record["validation"]["count"], losses.size());
  }
  ASSERT_EQ(losses.size(), 4u);
  EXPECT_LT(losses.back(), losses.front());
}

TEST_F(LoopTest, StopsOnRequestAndContinuesBitForBit) {
  const auto whole = train_in(directory / "whole", 3);
  Observer observer;
  int steps = 0;
  observer.progress = [&](const Progress&) {
    if (++steps == 4) observer.cancel.request();
  };
  try {
    train_in(directory / "stopped", 3, observer);
    FAIL() << "did not stop";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::stopped);
  }
  EXPECT_TRUE(same(train_in(directory / "stopped", 3), whole));
}

TEST_F(LoopTest, LongWorkSaysHowLong) {
  Observer observer;
  std::string estimate;
  observer.log = [&](Severity, const std::string& text) {
    if (text.find(" for the rest of ") == std::string::npos) return;
    estimate = text;
    observer.cancel.request();
  };
  EXPECT_THROW(train_in(directory / "long", 1'000'000, observer), Error);
  EXPECT_THAT(estimate, testing::MatchesRegex("coupling: about .+ for the rest of 1000000 epochs"));
}

// A validation may take minutes: whoever stops there keeps the epoch, which is then validated anew.
TEST_F(LoopTest, StopsDuringAValidationAndContinuesBitForBit) {
  const auto whole = train_in(directory / "whole", 3);
  const fs::path where = directory / "stopped";
  {
    CouplingTask task;
    task.on_validation = [](int before) {
      if (before == 1) throw Error(Fault::stopped, "stopped");
    };
    Model model = small_model();
    try {
      train(task, model, settings_for(3), where, {});
      FAIL() << "did not stop";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::stopped);
    }
  }
  CouplingTask task;
  Model model = small_model();
  int repeated = 0;
  task.on_validation = [&](int before) { repeated += before == 1; };
  train(task, model, settings_for(3), where, {});
  EXPECT_TRUE(same(weights(model), whole));
  EXPECT_EQ(repeated, 1);
  EXPECT_EQ(task.validations, 3);
}

// The published program's checkpoint of a finished stage may be all there is.
TEST_F(LoopTest, AFinishedCheckpointStillSavesTheModel) {
  const auto trained = train_in(directory, 2);
  CouplingTask task;
  int saved = 0;
  task.on_save = [&] { ++saved; };
  Model model = small_model();
  train(task, model, settings_for(2), directory, {});
  EXPECT_EQ(saved, 1);
  EXPECT_EQ(task.validations, 3);
  EXPECT_TRUE(same(weights(model), trained));
}

// SIGKILL at random moments, with a checkpoint after every step, until the training gets through.
TEST_F(LoopTest, SurvivesKillsBitForBit) {
  const auto whole = train_in(directory / "whole", 3);
  const fs::path where = directory / "killed";
  Random random(5, Purpose::sample);
  int kills = 0;
  for (bool finished = false; !finished;) {
    const pid_t child = fork();
    if (child == 0) {
      CouplingTask task;
      Model model = small_model();
      TrainSettings settings = settings_for(3);
      settings.checkpoint_minutes = 0;
      train(task, model, settings, where, {});
      _exit(0);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(40 + 40 * kills + random.below(100)));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    finished = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!finished) ++kills;
    ASSERT_LT(kills, 100);
  }
  EXPECT_GT(kills, 0);
  EXPECT_TRUE(same(train_in(where, 3), whole));
}

TEST_F(LoopTest, AnInfiniteLossStopsBeforeItDoesHarm) {
  train_in(directory, 1);
  const std::string checkpoint = read_file(directory / "checkpoint.pth.tar");
  CouplingTask task;
  task.scale = NAN;
  Model model = small_model();
  try {
    train(task, model, settings_for(2), directory, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    EXPECT_NE(std::string(error.what()).find("checkpoint.pth.tar"), std::string::npos);
  }
  EXPECT_EQ(read_file(directory / "checkpoint.pth.tar"), checkpoint);
}

TEST_F(LoopTest, BatchesThatTrainNothingAreCountedAndChangeNothing) {
  CouplingTask task;
  task.trains_nothing = true;
  task.unused_clusters = 1;
  Model model = small_model();
  const at::Tensor before = model.parameters()[0].tensor.clone();
  Observer observer;
  std::string said;
  observer.log = [&](Severity, const std::string& text) { said += text + "\n"; };
  train(task, model, settings_for(1), directory, observer);
  EXPECT_TRUE(model.parameters()[0].tensor.equal(before));
  EXPECT_NE(said.find("3 of 3 batches"), std::string::npos) << said;
  EXPECT_NE(said.find("1 of the clusters held no image"), std::string::npos) << said;
  const auto record = nlohmann::json::parse(read_file(directory / "metrics.jsonl"));
  EXPECT_EQ(record["batches_without_training"], 3);
  EXPECT_EQ(record["clusters_used"], 3);
  EXPECT_TRUE(record["loss"].is_null());
}

// Where the published program takes no step, without a word.
TEST_F(LoopTest, FewerImagesThanABatchAreOneBatchAndSaid) {
  CouplingTask task;
  Model model = small_model();
  const at::Tensor before = model.parameters()[0].tensor.clone();
  Observer observer;
  std::string said;
  observer.log = [&](Severity, const std::string& text) { said += text + "\n"; };
  TrainSettings settings = settings_for(1);
  settings.batch_size = 512;
  train(task, model, settings, directory, observer);
  EXPECT_FALSE(model.parameters()[0].tensor.equal(before));
  EXPECT_THAT(said, testing::HasSubstr("batch_size is 512, but there are only 24 images: one batch "
                                       "of all of them"));
}

// The loss of each view is measured, and nothing moves but batch norm's statistics.
TEST_F(LoopTest, ALearningRateOfZeroMeasures) {
  CouplingTask task;
  Model model = small_model();
  const at::Tensor before = model.parameters()[0].tensor.clone();
  TrainSettings settings = settings_for(1);
  settings.optimizer.learning_rate = 0;
  settings.optimizer.weight_decay = 0.1;
  train(task, model, settings, directory, {});
  EXPECT_TRUE(model.parameters()[0].tensor.equal(before));
  const auto record = nlohmann::json::parse(read_file(directory / "metrics.jsonl"));
  EXPECT_LT(record["loss"], 0);
  EXPECT_EQ(record["lr"], 0);
}

// Hundreds of epochs of a few images must not write hundreds of warnings or checkpoints.
TEST_F(LoopTest, ShortEpochsAreSavedAndWarnedOfSeldom) {
  CouplingTask task;
  task.trains_nothing = true;
  Model model = small_model();
  Observer observer;
  int warnings = 0;
  observer.log = [&](Severity severity, const std::string&) {
    warnings += severity == Severity::warning;
  };
  int checkpoints = 0;
  task.on_save = [&] { ++checkpoints; };
  train(task, model, settings_for(10), directory, observer);
  EXPECT_EQ(warnings, 2);     // the first batch, and how many there were in all
  EXPECT_LT(checkpoints, 5);  // these epochs take milliseconds
  EXPECT_TRUE(fs::exists(directory / "checkpoint.pth.tar"));
}

TEST_F(LoopTest, ATruncatedCheckpointIsAnErrorThatNamesIt) {
  train_in(directory, 1);
  const fs::path file = directory / "checkpoint.pth.tar";
  const std::string content = read_file(file);
  write_file(file, content.substr(0, content.size() / 2));
  try {
    train_in(directory, 2);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    EXPECT_NE(std::string(error.what()).find("checkpoint.pth.tar"), std::string::npos);
  }
}

// Passes of a third of the batch, with batch norm on its running statistics (its own statistics
// would differ by pass): the gradient is that of the whole batch.
TEST(TrainingStep, GradientsInPassesAreThoseOfTheWholeBatch) {
  std::vector<int64_t> order(images);
  for (int64_t i = 0; i < images; ++i) order[i] = i;
  std::vector<std::vector<at::Tensor>> gradients;
  for (const int micro : {0, 8, 5}) {
    CouplingTask task;
    task.type = at::kDouble;
    task.frozen_statistics = true;
    Model model = small_model();
    model.place(at::kCPU, Precision::fp64);
    model.require_gradients(true);
    TrainSettings settings;
    settings.micro_batch_size = micro;
    TrainingStep step(task, model, settings);
    step.run({0, 0, order}, 0.1);
    gradients.push_back(step.gradients());
  }
  for (size_t i = 0; i < gradients[0].size(); ++i) {
    const double size = gradients[0][i].norm().item<double>();
    for (const size_t other : {1, 2}) {
      EXPECT_LE((gradients[0][i] - gradients[other][i]).norm().item<double>(),
                1e-10 * size + 1e-14);
    }
  }
}

TEST(steps_per_epoch, DropsThePartialBatchUnlessItIsTheOnlyOne) {
  EXPECT_EQ(steps_per_epoch(1000, 128), 7);
  EXPECT_EQ(steps_per_epoch(100, 128), 1);
  EXPECT_EQ(steps_per_epoch(0, 128), 0);
}

}  // namespace
}  // namespace nolabel
