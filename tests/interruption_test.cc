// Runs that are killed, stopped or changed: the same command goes on where they were, and ends as
// if nothing had happened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "nolabel/base/file.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string cluster_into(const fs::path& folder) {
  return "cluster --clusters 3" + feature_flags() + "--out " + folder.string();
}

// What an uninterrupted run says of every row.
const std::string& expected_assignments() {
  static const std::string assignments = [] {
    const fs::path folder = new_folder("uninterrupted");
    EXPECT_EQ(run(cluster_into(folder)).code, 0);
    return read_file(folder / "assignments.csv");
  }();
  return assignments;
}

void expect_to_finish(const fs::path& folder) {
  const Outcome outcome = run(cluster_into(folder));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(read_file(folder / "assignments.csv"), expected_assignments());
}

int lines_of(const fs::path& file) {
  if (!fs::exists(file)) return 0;
  const std::string text = read_file(file);
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

TEST(Interruption, KilledRunsGoOn) {
  const fs::path folder = new_folder("killed");
  for (const char* stage : {"scan", "selflabel"}) {
    Program program(cluster_into(folder));
    const bool reached =
        program.wait_until([&] { return lines_of(folder / stage / "metrics.jsonl") >= 3; });
    ASSERT_TRUE(reached) << program.errors();
    program.send(SIGKILL);
    EXPECT_EQ(program.wait().code, 128 + SIGKILL);
  }
  expect_to_finish(folder);
}

TEST(Interruption, CtrlCSavesAndGoesOn) {
  const fs::path folder = new_folder("ctrl_c");
  Program program(cluster_into(folder));
  ASSERT_TRUE(program.wait_until([&] { return lines_of(folder / "scan/metrics.jsonl") >= 3; }));
  program.send(SIGINT);
  const Outcome outcome = program.wait();
  EXPECT_EQ(outcome.code, 75);
  EXPECT_THAT(outcome.err, HasSubstr("nolabel cluster: stopped on request after epoch"));
  EXPECT_TRUE(fs::exists(folder / "scan/checkpoint.pth.tar"));
  expect_to_finish(folder);
}

TEST(Interruption, TimeLimitIsForSchedulers) {
  // Tuning a backbone takes longer than the limit on any machine.
  const fs::path folder = new_folder("time_limit");
  const std::string words = "cluster " + images().string() +
                            " --clusters 3 --effort standard --backbone starter --image-size 64" +
                            " --out " + folder.string();
  const Outcome outcome = run(words + " --time-limit 2");
  EXPECT_EQ(outcome.code, 75) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("nolabel cluster: stopped on request"));
  EXPECT_TRUE(fs::exists(folder / "pretext/checkpoint.pth.tar"));
  const Outcome finished = run(words);
  EXPECT_EQ(finished.code, 0) << finished.err;
}

// One step of this network takes long enough for both signals.
TEST(Interruption, SecondCtrlCStopsAtOnce) {
  const fs::path folder = new_folder("twice");
  Program program("simclr " + images().string() + " --out " + folder.string() +
                  " --image-size 64 --batch-size 24 --epochs 50");
  ASSERT_TRUE(
      program.wait_until([&] { return fs::exists(folder / "pretext/checkpoint.pth.tar.json"); }));
  program.send(SIGINT);
  ASSERT_TRUE(program.wait_until(
      [&] { return program.errors().find("Ctrl-C again") != std::string::npos; }));
  program.send(SIGINT);
  EXPECT_EQ(program.wait().code, 130);
}

TEST(Interruption, ChangedSettingsNeedForce) {
  const fs::path folder = copy_of(clustered(), "changed");
  const std::string command =
      "scan --num-classes 3 --batch-size 8 --num-neighbors 5 --epochs 3 "
      "--optimizer-kwargs.lr 0.01 --out " +
      folder.string();
  const std::string before = read_file(folder / "scan/model.pth.tar");
  expect_failure(command, 2, "epochs was 2, is 3; optimizer_kwargs.lr was ");
  EXPECT_EQ(read_file(folder / "scan/model.pth.tar"), before);
  const Outcome forced = run(command + " --force");
  EXPECT_EQ(forced.code, 0) << forced.err;
  EXPECT_EQ(lines_of(folder / "scan/metrics.jsonl"), 3);
  expect_failure("selflabel --epochs 2 --batch-size 8 --out " + folder.string(), 2,
                 "the SCAN model has changed");
}

TEST(Interruption, FinishedStagesAreKept) {
  const fs::path folder = copy_of(clustered(), "kept");
  const auto written = fs::last_write_time(folder / "selflabel/model.pth.tar");
  const Outcome outcome = run("selflabel --epochs 2 --batch-size 8 --out " + folder.string());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("this stage was finished before"));
  EXPECT_EQ(fs::last_write_time(folder / "selflabel/model.pth.tar"), written);
}

TEST(Interruption, FilesOfOtherProgramsAreAdopted) {
  const fs::path folder = copy_of(clustered(), "adopted");
  const fs::path table = folder / "pretext/topk-train-neighbors.npy";
  fs::remove(fs::path(table) += ".json");
  const std::string before = read_file(table);
  const Outcome outcome = run("mine --mined-neighbors 3 --out " + folder.string());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err,
              HasSubstr("topk-train-neighbors.npy was made by another program; nolabel uses"));
  EXPECT_EQ(read_file(table), before);
}

}  // namespace
}  // namespace nolabel
