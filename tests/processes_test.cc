// Several processes work on one command as real processes: the results are those of one, and when
// something goes wrong in one of them, all end alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr int stopped_on_request = 75, system_failure = 4, usage = 2, data_failure = 3;

std::string bytes_of_proc_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The worker that has been started with these words among others; 0: there is none (yet).
pid_t worker_of(const std::string& words) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string command = bytes_of_proc_file(entry.path() / "cmdline");
    const std::string variables = bytes_of_proc_file(entry.path() / "environ");
    if (command.find(words) != std::string::npos &&
        variables.find(std::string("RANK=1") + '\0') != std::string::npos) {
      return std::stoi(name);
    }
  }
  return 0;
}

std::string pretext_into(const fs::path& out, int epochs) {
  return format("simclr {} --out {} --epochs {} --batch-size 8 --width 8 --precision fp32 ",
                images().string(), out.string(), epochs);
}

// Until there is something to go on from.
void wait_for_checkpoint(Program& program, const fs::path& out) {
  ASSERT_TRUE(program.wait_until([&] {
    return fs::exists(out / "pretext" / "checkpoint.pth.tar");
  })) << program.errors();
}

TEST(Processes, FindTheSameFeaturesNeighborsAndClusters) {
  std::vector<fs::path> runs;
  for (const int processes : {1, 2, 3}) {
    const fs::path out = new_folder(format("found_by_{}", processes));
    const std::string with = format(" --processes {} --out {}", processes, out.string());
    const Outcome mined = run("mine " + images().string() + " --backbone " + backbone().string() +
                              " --mined-neighbors 5" + with);
    ASSERT_EQ(mined.code, 0) << mined.err;
    const Outcome scanned =
        run("scan --num-classes 3 --num-neighbors 5 --epochs 3 --batch-size 8"
            " --update-cluster-head-only --cached-views 2" +
            with);
    ASSERT_EQ(scanned.code, 0) << scanned.err;
    const Outcome predicted =
        run("predict " + out.string() + " " + images().string() + " --out " +
            (out / "predicted.csv").string() + format(" --processes {}", processes));
    ASSERT_EQ(predicted.code, 0) << predicted.err;
    runs.push_back(out);
  }
  for (const char* file : {"features/train.npy", "pretext/topk-train-neighbors.npy",
                           "scan/model.pth.tar", "predicted.csv"}) {
    for (const size_t several : {1, 2}) {
      EXPECT_EQ(read_file(runs[several] / file), read_file(runs[0] / file)) << file;
    }
  }
}

// In float32, sums in another order differ in their last bits, which a step of training makes more
// of; float64 is tested beside the loop (train/group_steps_testing.h).
TEST(Processes, TrainTheWholeNetworkAsOneDoes) {
  std::map<std::string, std::vector<double>> losses;  // by stage
  for (const int processes : {1, 2}) {
    const fs::path out = new_folder(format("trained_by_{}", processes));
    const std::string with = format(" --processes {}", processes);
    const Outcome pretext = run(pretext_into(out, 2) + "--optimizer-kwargs.lr 1e-5" + with);
    ASSERT_EQ(pretext.code, 0) << pretext.err;
    const Outcome mined = run("mine --mined-neighbors 5 --out " + out.string() + with);
    ASSERT_EQ(mined.code, 0) << mined.err;
    const std::string clustering =
        " --epochs 2 --batch-size 8 --precision fp32 --optimizer-kwargs.lr 1e-5 --out " +
        out.string() + with;
    const Outcome scanned = run("scan --num-classes 3 --num-neighbors 5" + clustering);
    ASSERT_EQ(scanned.code, 0) << scanned.err;
    const Outcome labelled = run("selflabel --confidence-threshold 0.3" + clustering);
    ASSERT_EQ(labelled.code, 0) << labelled.err;
    ASSERT_EQ(run("eval --out " + out.string() + with).code, 0);
    for (const char* stage : {"pretext", "scan", "selflabel"}) {
      std::istringstream log(read_file(out / stage / "metrics.jsonl"));
      for (std::string line; std::getline(log, line);) {
        losses[stage].push_back(nlohmann::json::parse(line).at("loss"));
      }
    }
  }
  // Two epochs of one process, then two of two.
  for (const auto& [stage, of_epochs] : losses) {
    ASSERT_EQ(of_epochs.size(), 4u) << stage;
    for (const size_t epoch : {0, 1}) {
      EXPECT_NEAR(of_epochs[2 + epoch], of_epochs[epoch], 1e-3) << stage << ", epoch " << epoch;
    }
  }
}

TEST(Processes, EndTogetherWhenOneIsKilled) {
  const fs::path out = new_folder("one_is_killed");
  const std::string words = pretext_into(out, 4000);
  Program program(words + "--processes 2 --process-timeout 20");
  wait_for_checkpoint(program, out);
  const pid_t worker = worker_of(out.string());
  ASSERT_GT(worker, 0);
  ASSERT_EQ(::kill(worker, SIGKILL), 0);
  const Outcome outcome = program.wait();
  EXPECT_EQ(outcome.code, system_failure);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("process 1 of 2"),
                                 HasSubstr(format("process id {}) has shown no life", worker)),
                                 HasSubstr("The last checkpoint is")));
  EXPECT_TRUE(fs::exists(out / "pretext" / "checkpoint.pth.tar"));

  // Another number of processes goes on from the checkpoint.
  const int done =
      static_cast<int>(std::ranges::count(read_file(out / "pretext" / "metrics.jsonl"), '\n'));
  const Outcome again = run(pretext_into(out, done + 2) + "--processes 3");
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("continuing after epoch"));
}

// A process needs a third of a second until it meets the others.
TEST(Processes, EndAtOnceWhenOneDoesNotComeToTheMeeting) {
  const fs::path out = new_folder("one_does_not_come");
  const auto start = std::chrono::steady_clock::now();
  Program program(pretext_into(out, 4000) + "--processes 2");
  pid_t worker = 0;
  for (int i = 0; i < 1000 && worker == 0; ++i) {
    worker = worker_of(out.string());
    ::usleep(1000);
  }
  ASSERT_GT(worker, 0);
  ASSERT_EQ(::kill(worker, SIGKILL), 0);
  const Outcome outcome = program.wait();
  EXPECT_EQ(outcome.code, system_failure);
  EXPECT_THAT(outcome.err, HasSubstr("process 1 of 2 has ended before all processes had met"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Processes, EndWhenTheLeaderIsKilled) {
  const fs::path out = new_folder("leader_is_killed");
  Program program(pretext_into(out, 4000) + "--processes 2");
  wait_for_checkpoint(program, out);
  ASSERT_GT(worker_of(out.string()), 0);
  program.send(SIGKILL);
  EXPECT_EQ(program.wait().code, 128 + SIGKILL);
  for (int i = 0; i < 100 && worker_of(out.string()) != 0; ++i) ::usleep(50'000);
  EXPECT_EQ(worker_of(out.string()), 0);
}

TEST(Processes, SaveOneCheckpointWhenAnyIsAskedToStop) {
  const fs::path out = new_folder("one_is_asked_to_stop");
  Program program(pretext_into(out, 4000) + "--processes 2");
  wait_for_checkpoint(program, out);
  ASSERT_EQ(::kill(worker_of(out.string()), SIGTERM), 0);
  const Outcome outcome = program.wait();
  EXPECT_EQ(outcome.code, stopped_on_request);
  EXPECT_THAT(outcome.err, HasSubstr("stopped on request after epoch"));
  EXPECT_EQ(worker_of(out.string()), 0);
}

TEST(Processes, FailWithOneLine) {
  const fs::path out = new_folder("fails_with_one_line");
  expect_failure(pretext_into(out, 1) + "--processes 2 --micro-batch-size 1", usage,
                 "every forward pass must have an image for each of the 2 processes");
  expect_failure(pretext_into(out, 2) + "--processes 2 --optimizer-kwargs.lr 1e30", data_failure,
                 "the loss is not finite");
  expect_failure("simclr no-such-folder --processes 2 --out " + out.string(), usage, "no-such");
}

// Each writes what it does, from its start to its end.
TEST(Processes, WriteLogsOnRequest) {
  const fs::path out = new_folder("with_logs"), logs = scratch() / "made by" / "the processes";
  const std::string flag = " --process-logs '" + logs.string() + "'";
  const Outcome outcome = run(pretext_into(out, 1) + "--processes 2" + flag);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  for (const int rank : {0, 1}) {
    const std::string log = read_file(logs / format("process-{}.log", rank));
    size_t begin = 0;
    for (const std::string& part :
         {format("Z process {} of 2, process id ", rank), std::string(" simclr "),
          std::string("Z meets the others "), std::string("Z has met the others\n"),
          format("Z {} \"train\" ", rank == 0 ? "sends" : "serves"),
          format("Z {} \"train step\" {{\"epoch\":0,\"step\":2}} with ",
                 rank == 0 ? "sends" : "serves"),
          format("Z {} \"end\" ", rank == 0 ? "sends" : "serves"),
          std::string("Z leaves the group\n")}) {
      begin = log.find(part, begin);
      ASSERT_NE(begin, std::string::npos) << part << " is not where it should be in\n" << log;
    }
  }
  expect_failure(pretext_into(out, 1) + flag, usage,
                 "--process-logs must be given to several processes. Received one.");
}

// Each process searches for its share of the validation images.
TEST(Processes, DivideTheKnnAccuracy) {
  const fs::path data = new_folder("with_validation"), logs = scratch() / "knn_logs";
  write_images(data / "train", 3, 8, 1);
  write_images(data / "val", 3, 8, 2);
  std::vector<double> accuracy;
  for (const std::string& with :
       {std::string(), " --processes 2 --process-logs " + logs.string()}) {
    const fs::path out = new_folder("knn_of_" + std::to_string(accuracy.size()));
    const Outcome outcome =
        run(format("simclr {} --out {} --epochs 1 --batch-size 8 --width 8 --precision fp32 "
                   "--optimizer-kwargs.lr 1e-5 {}",
                   data.string(), out.string(), with));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const auto figures = nlohmann::json::parse(read_file(out / "pretext" / "metrics.jsonl"));
    accuracy.push_back(figures.at("validation").at("knn_accuracy"));
  }
  // The weights differ in their last bits, which may turn the vote of an image between two classes.
  EXPECT_NEAR(accuracy[1], accuracy[0], 0.05);
  EXPECT_THAT(read_file(logs / "process-1.log"), HasSubstr(" serves \"queries\" "));
}

// What a starter such as torchrun sets, for one process.
enum class Machines { one, each_has_one };

class Started {
 public:
  Started(int rank, int size, Machines machines, int port) {
    const bool together = machines == Machines::one;
    set("RANK", rank), set("WORLD_SIZE", size), set("LOCAL_RANK", together ? rank : 0);
    set("LOCAL_WORLD_SIZE", together ? size : 1), set("MASTER_PORT", port);
    ::setenv("MASTER_ADDR", "127.0.0.1", 1);
  }
  ~Started() {
    for (const char* name :
         {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_PORT", "MASTER_ADDR"}) {
      ::unsetenv(name);
    }
  }

 private:
  static void set(const char* name, int value) { ::setenv(name, std::to_string(value).c_str(), 1); }
};

std::unique_ptr<Program> started(int rank, int size, const std::string& words,
                                 Machines machines = Machines::one) {
  const Started variables(rank, size, machines, 20'000 + ::getpid() % 10'000);
  return std::make_unique<Program>(words);
}

TEST(Processes, OfSeveralMachinesReadPicturesTogether) {
  const fs::path data = new_folder("read_together"), logs = scratch() / "reading_logs";
  write_images(data, 3, 100);  // more than the leader reads at first as a sample
  write_file(data / "broken.jpg", "no picture");
  const auto mined_into = [&](const fs::path& out) {
    return format("mine {} --out {} --backbone {} --mined-neighbors 5", data.string(), out.string(),
                  backbone().string());
  };
  const fs::path alone = new_folder("read_alone"), together = new_folder("read_by_two");
  ASSERT_EQ(run(mined_into(alone)).code, 0);
  const std::string words = mined_into(together) + " --process-logs " + logs.string();
  const auto leader = started(0, 2, words, Machines::each_has_one);
  const auto worker = started(1, 2, words, Machines::each_has_one);
  const Outcome of_leader = leader->wait();
  EXPECT_EQ(of_leader.code, 0) << of_leader.err;
  EXPECT_EQ(worker->wait().code, 0);
  EXPECT_THAT(read_file(logs / "process-1.log"), HasSubstr(" serves \"pictures\" "));
  for (const char* file : {"skipped.csv", "pretext/topk-train-neighbors.npy"}) {
    EXPECT_EQ(read_file(together / file), read_file(alone / file)) << file;
  }
}

TEST(Processes, ThatWereStartedDifferentlyAreRefused) {
  const fs::path out = new_folder("started_differently");
  const auto leader = started(0, 2, pretext_into(out, 2));
  const auto worker = started(1, 2, pretext_into(out, 3));
  const Outcome of_leader = leader->wait(), of_worker = worker->wait();
  EXPECT_EQ(of_leader.code, usage);
  EXPECT_EQ(of_worker.code, usage);
  EXPECT_THAT(of_leader.err,
              HasSubstr("all processes must be started alike. Process 1 has command simclr"));
  EXPECT_EQ(of_worker.err, "");  // one line is enough
}

TEST(Processes, OfAStarterWorkTogether) {
  const fs::path out = new_folder("of_a_starter");
  const auto leader = started(0, 2, pretext_into(out, 2));
  const auto worker = started(1, 2, pretext_into(out, 2));
  const Outcome of_leader = leader->wait(), of_worker = worker->wait();
  EXPECT_EQ(of_leader.code, 0) << of_leader.err;
  EXPECT_EQ(of_worker.code, 0) << of_worker.err;
  EXPECT_EQ(of_worker.out + of_worker.err, "");
}

TEST(Processes, AreRefusedByCommandsThatOneProcessRuns) {
  const Outcome outcome = started(1, 2, "zoo list")->wait();
  EXPECT_EQ(outcome.code, usage);
  EXPECT_THAT(outcome.err, HasSubstr("zoo works in one process. torchrun has started 2."));
}

}  // namespace
}  // namespace nolabel
