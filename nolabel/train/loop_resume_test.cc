#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/train/loop_testing.h"

namespace nolabel {
namespace {

using namespace testing_loop;

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

}  // namespace
}  // namespace nolabel
