#include "nolabel/run/training_stage.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TrainingStageTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(directory);
    environment.observer.log = [this](Severity, const std::string& text) { said += text + "\n"; };
  }
  void TearDown() override { fs::remove_all(directory); }

  Provenance of(int epochs, uint64_t seed = 1) const {
    return {.stage = "scan",
            .settings = {{"epochs", epochs}},
            .data = "images",
            .inputs = {{"backbone", "abc"}},
            .seed = seed};
  }

  // A training that goes on from its checkpoint and is stopped after `stop_after` epochs.
  bool train(const Provenance& made_from, int stop_after = 1000) {
    const RunDirectory run(directory);
    return run_training_stage(run, "scan", made_from, environment, [&](const fs::path& stage) {
      const fs::path checkpoint = stage / "checkpoint.pth.tar";
      begun_with = fs::exists(checkpoint) ? *read_model_weights(checkpoint).epoch : -1;
      const int epochs = std::min(made_from.settings["epochs"].get<int>(), stop_after);
      write_torch_file(checkpoint,
                       Value::dict({{std::string("model"), to_value({{"weight", at::ones({1})}})},
                                    {std::string("epoch"), int64_t{epochs}}}));
      write_file(stage / "model.pth.tar", "model");
      if (epochs == stop_after) throw Error(Fault::stopped, "stopped");
    });
  }
  std::string refusal(const Provenance& made_from) {
    try {
      train(made_from);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return error.what();
    }
    return "";
  }

  const fs::path directory =
      fs::path(testing::TempDir()) / format("training_stage_test_{}", int64_t{::getpid()});
  const fs::path model = directory / "scan/model.pth.tar";
  Environment environment;
  std::string said;
  int64_t begun_with = -1;  // epochs of the checkpoint that the last training found; -1: none
};

TEST_F(TrainingStageTest, FinishedIsKept) {
  EXPECT_TRUE(train(of(5)));
  EXPECT_FALSE(train(of(5)));
  EXPECT_THAT(said, HasSubstr("this stage was finished before"));
  EXPECT_THAT(continued_from(model), IsEmpty());
}

TEST_F(TrainingStageTest, BegunIsResumedButNotByOtherSettings) {
  EXPECT_THROW(train(of(5), 2), Error);
  EXPECT_THAT(refusal(of(5, 7)), HasSubstr("seed was 1, is 7"));
  EXPECT_TRUE(train(of(5)));
  EXPECT_EQ(begun_with, 2);
  EXPECT_FALSE(train(of(5)));
}

TEST_F(TrainingStageTest, FinishedGoesOnWithMoreEpochs) {
  train(of(5));
  EXPECT_TRUE(train(of(8)));
  EXPECT_EQ(begun_with, 5);
  EXPECT_THAT(continued_from(model), ElementsAre(5));
  EXPECT_EQ(sidecar_settings(model)["epochs"], 8);
  EXPECT_FALSE(train(of(8)));
  EXPECT_TRUE(train(of(9)));
  EXPECT_THAT(continued_from(model), ElementsAre(5, 8));
}

// While it goes on, the stage is not finished for anybody.
TEST_F(TrainingStageTest, ContinuedIsStoppedAndResumed) {
  train(of(5));
  EXPECT_THROW(train(of(8), 6), Error);
  EXPECT_FALSE(fs::exists(fs::path(model) += ".json"));
  EXPECT_THAT(refusal(of(5)), HasSubstr("epochs must be at least 6"));
  EXPECT_TRUE(train(of(8)));
  EXPECT_EQ(begun_with, 6);
  EXPECT_THAT(continued_from(model), ElementsAre(5));
}

TEST_F(TrainingStageTest, UnfinishedTakesAnotherNumberOfEpochs) {
  EXPECT_THROW(train(of(5), 3), Error);
  EXPECT_TRUE(train(of(4)));
  EXPECT_EQ(begun_with, 3);
  EXPECT_THAT(continued_from(model), ElementsAre(3));
}

TEST_F(TrainingStageTest, FewerEpochsThanTrainedAreRefused) {
  train(of(5));
  EXPECT_THAT(refusal(of(4)), HasSubstr("epochs must be at least 5, because so many have been"));
  EXPECT_FALSE(train(of(5)));
}

TEST_F(TrainingStageTest, MoreEpochsNeedTheCheckpoint) {
  train(of(5));
  fs::remove(directory / "scan/checkpoint.pth.tar");
  EXPECT_FALSE(train(of(5)));
  EXPECT_THAT(refusal(of(8)), HasSubstr("training more epochs requires the checkpoint "));
  EXPECT_FALSE(train(of(5)));
}

TEST_F(TrainingStageTest, MoreEpochsOfAnotherTrainingAreRefused) {
  train(of(5));
  const std::string message = refusal(of(8, 7));
  EXPECT_THAT(message, HasSubstr("epochs was 5, is 8"));
  EXPECT_THAT(message, HasSubstr("seed was 1, is 7"));
}

TEST_F(TrainingStageTest, ForceStartsAnew) {
  train(of(5));
  EXPECT_THROW(train(of(5, 7)), Error);
  environment.force = true;
  EXPECT_TRUE(train(of(5, 7)));
  EXPECT_EQ(begun_with, -1);
}

TEST_F(TrainingStageTest, ModelOfAnotherProgramIsAdopted) {
  fs::create_directories(directory / "scan");
  write_file(model, "published");
  EXPECT_FALSE(train(of(5)));
  EXPECT_EQ(read_file(model), "published");
}

}  // namespace
}  // namespace nolabel
