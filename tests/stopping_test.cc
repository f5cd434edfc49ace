// Short time limits, full disks and exhausted memory: every command ends with its code and one
// line, loses nothing, and the same command again gets on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nolabel/base/file.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr int stopped = 75, system_failure = 4, usage = 2;

// 240 small images.
const fs::path& many_images() {
  static const fs::path folder = [] {
    const fs::path path = new_folder("many_images");
    write_images(path, 3, 80);
    return path;
  }();
  return folder;
}

// Embedding the images and their random views with the starter takes longer than the time limit
// below.
std::vector<std::string> stages_into(const fs::path& out) {
  return {"mine " + many_images().string() + " --backbone starter --mined-neighbors 5 --out " +
              out.string(),
          "scan --num-classes 3 --num-neighbors 5 --epochs 30 --batch-size 64"
          " --update-cluster-head-only --cached-views 64 --out " +
              out.string()};
}

std::string cluster_many_into(const fs::path& out) {
  return "cluster " + many_images().string() + " --clusters 3 --out " + out.string();
}

TEST(Stopping, ALoopOfShortTimeLimitsReachesTheEnd) {
  const fs::path whole = new_folder("whole"), limited = new_folder("limited");
  int stops = 0;
  for (size_t stage = 0; stage < 2; ++stage) {
    const Outcome at_once = run(stages_into(whole)[stage]);
    ASSERT_EQ(at_once.code, 0) << at_once.err;
    int tries = 0;
    for (Outcome outcome{.code = stopped, .out = {}, .err = {}}; outcome.code != 0; ++tries) {
      ASSERT_LT(tries, 100);
      outcome = run(stages_into(limited)[stage] + " --time-limit 1");
      ASSERT_THAT(outcome.code, testing::AnyOf(0, stopped)) << outcome.err;
      if (outcome.code == stopped) ++stops;
    }
  }
  EXPECT_GT(stops, 0);
  for (const char* file : {"features/train.npy", "scan/model.pth.tar"}) {
    EXPECT_EQ(read_file(limited / file), read_file(whole / file)) << file;
  }
  for (const auto& entry : fs::recursive_directory_iterator(limited)) {
    EXPECT_NE(entry.path().extension(), ".begun") << entry.path();
  }
}

// Predictions leave nothing behind from which they could go on: a limit that can never be enough is
// no reason to try again.
TEST(Stopping, ATimeLimitThatIsAlwaysTooShortIsRefused) {
  const fs::path folder = new_folder("large_images");
  write_images(folder, 3, 1500, 0, 32);
  ASSERT_EQ(run("zoo get cifar10-heads-scan --out " + scratch().string()).code, 0);
  const std::string model = (scratch() / "cifar10-heads-scan.safetensors").string();
  for (const std::string& words :
       {"predict " + model + " " + folder.string(),
        "eval " + folder.string() + " --model " + model + " --out " + folder.string() + "_eval"}) {
    const Outcome outcome = run(words + " --time-limit 1");
    if (outcome.code == 0) GTEST_SKIP() << "this machine is too fast for the test";
    EXPECT_EQ(outcome.code, usage) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("the time limit must be at least"));
  }
}

TEST(Stopping, MoreEpochsGoOnAfterAFinishedTraining) {
  const fs::path folder = copy_of(clustered(), "more_epochs");
  const std::string command =
      "scan --num-classes 3 --batch-size 8 --num-neighbors 5 --out " + folder.string();
  const Outcome more = run(command + " --epochs 4");
  EXPECT_EQ(more.code, 0) << more.err;
  EXPECT_THAT(more.err, HasSubstr("epochs was 2, is 4; training continues after epoch 2"));
  const auto sidecar = nlohmann::json::parse(read_file(folder / "scan/model.pth.tar.json"));
  EXPECT_EQ(sidecar["made_with"]["continued_from"], nlohmann::json({2}));
  EXPECT_EQ(sidecar["made_from"]["settings"]["epochs"], 4);
  const std::string metrics = read_file(folder / "scan/metrics.jsonl");
  EXPECT_EQ(std::count(metrics.begin(), metrics.end(), '\n'), 4);
  EXPECT_THAT(run(command + " --epochs 4").err, HasSubstr("this stage was finished before"));
  expect_failure(command + " --epochs 3", usage,
                 "epochs must be at least 4, because so many have been trained");
  expect_failure(command + " --epochs 4 --seed 1", usage, "seed was 0, is 1");
}

// The neighbors of a longer pretext are others.
TEST(Stopping, NeighborTablesOfALongerPretextAreMinedAgain) {
  const fs::path folder = copy_of(backbone(), "longer_pretext");
  const std::string mine = "mine --mined-neighbors 5 --out " + folder.string();
  ASSERT_EQ(run(mine).code, 0);
  const std::string before = read_file(folder / "pretext/topk-train-neighbors.npy.json");
  const Outcome longer = run("simclr " + images().string() + " --out " + folder.string() +
                             " --width 8 --image-size 16 --batch-size 24 --epochs 3");
  ASSERT_EQ(longer.code, 0) << longer.err;
  const std::string scan =
      "scan --num-classes 3 --epochs 1 --batch-size 8 --num-neighbors 5 --out " + folder.string();
  const Outcome renewed = run(scan);
  EXPECT_EQ(renewed.code, 0) << renewed.err;
  EXPECT_THAT(renewed.err, HasSubstr("mined again, because the pretext model was trained further"));
  EXPECT_NE(read_file(folder / "pretext/topk-train-neighbors.npy.json"), before);
  EXPECT_THAT(run(mine).err, Not(HasSubstr("mined again")));
}

TEST(Stopping, AFullDiskKeepsTheLastCheckpoint) {
  const fs::path folder = copy_of(clustered(), "full_disk");
  const std::string command =
      "scan --num-classes 3 --batch-size 8 --num-neighbors 5 --epochs 4 --out " + folder.string();
  const std::string before = read_file(folder / "scan/checkpoint.pth.tar");
  const auto half = static_cast<int64_t>(before.size()) / 2;
  expect_failure(command, system_failure, "The last checkpoint is", {.file_size_limit = half});
  EXPECT_EQ(read_file(folder / "scan/checkpoint.pth.tar"), before);
  const Outcome again = run(command);
  EXPECT_EQ(again.code, 0) << again.err;
}

// Whatever runs out of memory, on whatever thread: 4 and one line, or the work succeeds.
TEST(Stopping, ExhaustedMemoryIsOneLine) {
  const std::string out = new_folder("little_memory").string();
  for (const std::string& command :
       {cluster_many_into(out), "predict " + clustered().string() + " " + images().string(),
        "predict " + clustered().string() + " " + images().string() + " --threads=3",
        "views " + (images() / "class0/0.ppm").string() + " --out " + out + "/views.png"}) {
    for (const int64_t megabytes : {300, 500, 700, 900, 1200, 1600, 2400}) {
      const Outcome outcome =
          run(command + " --quiet", {.address_space_limit = megabytes * 1'000'000});
      ASSERT_THAT(outcome.code, testing::AnyOf(0, system_failure))
          << megabytes << " MB, " << command << "\n"
          << outcome.err;
      if (outcome.code == 0) continue;
      EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    }
  }
}

}  // namespace
}  // namespace nolabel
