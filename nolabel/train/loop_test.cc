#include "nolabel/train/loop.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/train/loop_testing.h"

namespace nolabel {
namespace {

using namespace testing_loop;

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

TEST_F(LoopTest, LongWorkSaysHowLong) {
  Observer observer;
  std::string estimate;
  observer.log = [&](Severity, const std::string& text) {
    if (text.find(" more to finish ") == std::string::npos) return;
    estimate = text;
    observer.cancel.request();
  };
  EXPECT_THROW(train_in(directory / "long", 1'000'000, observer), Error);
  EXPECT_THAT(estimate, testing::MatchesRegex(
                            "coupling: training takes about .+ more to finish 1000000 epochs"));
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

TEST_F(LoopTest, ExhaustedMemoryNamesSmallerPasses) {
  CouplingTask task;
  task.on_validation = [](int) { throw std::runtime_error("CUDA out of memory. Tried to …"); };
  Model model = small_model();
  try {
    train(task, model, settings_for(1), directory, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::system);
    EXPECT_STREQ(
        error.what(),
        "out of memory. coupling with micro_batch_size 4 needs less, and the objective stays "
        "the same. No checkpoint has been written yet");
  }
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
  EXPECT_THAT(said, testing::HasSubstr("batch_size is 512, but there are only 24 images; each "
                                       "epoch trains one batch of all images"));
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

TEST(steps_per_epoch, DropsThePartialBatchUnlessItIsTheOnlyOne) {
  EXPECT_EQ(steps_per_epoch(1000, 128), 7);
  EXPECT_EQ(steps_per_epoch(100, 128), 1);
  EXPECT_EQ(steps_per_epoch(0, 128), 0);
}

}  // namespace
}  // namespace nolabel
