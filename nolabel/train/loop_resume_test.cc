#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
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

// As the published program does: training goes on at the next epoch. With a constant learning rate
// the result is that of a training of so many epochs from the beginning.
TEST_F(LoopTest, MoreEpochsGoOnBitForBit) {
  const auto train_with = [&](const fs::path& where, int epochs) {
    CouplingTask task;
    Model model = small_model();
    TrainSettings settings = settings_for(epochs);
    settings.schedule.kind = Schedule::constant;
    train(task, model, settings, where, {});
    return weights(model);
  };
  const auto whole = train_with(directory / "whole", 4);
  train_with(directory / "continued", 2);
  EXPECT_TRUE(same(train_with(directory / "continued", 4), whole));
}

// The cosine of the new number of epochs holds from the next epoch on.
TEST_F(LoopTest, MoreEpochsFollowTheNewSchedule) {
  CouplingTask task;
  Model model = small_model();
  for (const int epochs : {2, 4}) {
    TrainSettings settings = settings_for(epochs);
    settings.schedule.kind = Schedule::cosine;
    settings.schedule.warmup_epochs = 0;
    train(task, model, settings, directory, {});
  }
  std::istringstream lines(read_file(directory / "metrics.jsonl"));
  std::vector<double> rates;
  for (std::string line; std::getline(lines, line);) {
    rates.push_back(nlohmann::json::parse(line)["lr"]);
  }
  ASSERT_EQ(rates.size(), 4u);
  ScheduleSettings schedule;
  schedule.kind = Schedule::cosine;
  for (int epoch = 0; epoch < 4; ++epoch) {
    EXPECT_DOUBLE_EQ(rates[static_cast<size_t>(epoch)],
                     learning_rate(schedule, 0.05, epoch, epoch < 2 ? 2 : 4))
        << epoch;
  }
}

// A time limit that has passed before the training begins does not keep it from getting on.
TEST_F(LoopTest, TrainsForAWhileDespiteATimeLimit) {
  const auto whole = train_in(directory / "whole", 1);
  Observer observer;
  observer.cancel.time_out(std::chrono::seconds(1));
  std::vector<at::Tensor> limited;
  for (int tries = 0; limited.empty(); ++tries) {  // a busy machine may need several
    ASSERT_LT(tries, 4);                           // an epoch has 3 steps
    try {
      limited = train_in(directory / "limited", 1, observer);
    } catch (const Error& error) {
      ASSERT_EQ(error.fault(), Fault::stopped);
    }
  }
  EXPECT_TRUE(same(limited, whole));
}

TEST_F(LoopTest, AFullDiskKeepsTheLastCheckpoint) {
  const auto whole = train_in(directory / "whole", 3);
  const fs::path where = directory / "full";
  train_in(where, 1);
  const std::string before = read_file(where / "checkpoint.pth.tar");
  rlimit unlimited{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = unlimited;
  limit.rlim_cur = before.size() / 2;
  setrlimit(RLIMIT_FSIZE, &limit);
  std::string message;
  try {
    train_in(where, 3);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::system);
    message = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &unlimited);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(message.find("The last checkpoint is "), std::string::npos) << message;
  EXPECT_EQ(read_file(where / "checkpoint.pth.tar"), before);
  EXPECT_TRUE(same(train_in(where, 3), whole));
}

}  // namespace
}  // namespace nolabel
