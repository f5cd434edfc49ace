// Programs that start the processes of a group, where they are: they make the run that
// --processes makes, and a signal to them ends in a checkpoint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr int epochs = 40;  // long enough that a signal comes before the end

std::string training_into(const fs::path& folder) {
  return format("simclr {} --out {} --width 8 --image-size 16 --batch-size 12 --epochs {}",
                images().string(), folder.string(), epochs);
}

const fs::path& run_of_two_processes() {
  static const fs::path folder = [] {
    const fs::path path = new_folder("two_processes");
    const Outcome outcome = run(training_into(path) + " --processes 2");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return path;
  }();
  return folder;
}

void expect_same_run(const fs::path& folder) {
  const char* model = "pretext/model.pth.tar";
  EXPECT_EQ(read_file(folder / model), read_file(run_of_two_processes() / model));
}

int epochs_in(const fs::path& folder) {
  const fs::path file = folder / "pretext/metrics.jsonl";
  if (!fs::exists(file)) return 0;
  const std::string text = read_file(file);
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

struct Starter {
  std::string name;
  int signal;     // which it passes on, and leaves the processes time for
  int exit_code;  // its own, when they have stopped
};

// The words that start two processes; empty where this machine does not have them.
std::string words_of(const Starter& starter) {
  if (starter.name == "torchrun") {
    const char* chosen = std::getenv("NOLABEL_PEERS_PYTHON");
    const fs::path python = chosen ? chosen : NOLABEL_SOURCE "/.peers/bin/python";
    if (!fs::exists(python)) return "";
    return python.string() + " -m torch.distributed.run --no-python --nproc-per-node 2";
  }
  if (std::system("command -v mpirun >/dev/null") != 0) return "";
  return "env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"
         " OMPI_MCA_rmaps_base_oversubscribe=1 mpirun -np 2";
}

class StartersTest : public testing::TestWithParam<Starter> {
 protected:
  void SetUp() override {
    starter_ = words_of(GetParam());
    if (starter_.empty()) GTEST_SKIP() << "without " << GetParam().name;
  }
  Surroundings surroundings() const { return {.starter = starter_}; }

 private:
  std::string starter_;
};

TEST_P(StartersTest, MakesTheSameRun) {
  const fs::path folder = new_folder("started_by_" + GetParam().name);
  const Outcome outcome = run(training_into(folder), surroundings());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  expect_same_run(folder);
}

TEST_P(StartersTest, GoesOnAfterASignal) {
  const fs::path folder = new_folder("stopped_by_" + GetParam().name);
  Program program(training_into(folder), surroundings());
  ASSERT_TRUE(program.wait_until([&] { return epochs_in(folder) >= 2; })) << program.errors();
  program.send(GetParam().signal);
  const Outcome stopped = program.wait();
  EXPECT_EQ(stopped.code, GetParam().exit_code) << stopped.err;
  EXPECT_THAT(stopped.err, testing::HasSubstr("nolabel simclr: stopped on request after epoch"));
  EXPECT_LT(epochs_in(folder), epochs);
  const Outcome resumed = run(training_into(folder), surroundings());
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  expect_same_run(folder);
}

// mpirun gives the processes one second after SIGINT and SIGTERM, and passes SIGUSR1 on.
INSTANTIATE_TEST_SUITE_P(
    Starters, StartersTest,
    testing::Values(Starter{.name = "torchrun", .signal = SIGINT, .exit_code = 1},
                    Starter{.name = "mpirun", .signal = SIGUSR1, .exit_code = 75}),
    [](const auto& starter) { return starter.param.name; });

}  // namespace
}  // namespace nolabel
