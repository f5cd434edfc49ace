// Places where results cannot be written, or where another process is writing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

std::string first_picture() {
  return (images() / "class0/0.ppm").string();
}

TEST(OutputPlace, ReadOnly) {
  const fs::path folder = new_folder("read_only");
  fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
  expect_failure("cluster --clusters 3" + feature_flags() + "--out " + (folder / "run").string(), 4,
                 "ermission denied", {.ordinary_user = true});
  fs::permissions(folder, fs::perms::owner_all);
}

TEST(OutputPlace, BelowAFile) {
  const fs::path file = scratch() / "file";
  write_file(file, "");
  expect_failure("cluster --clusters 3" + feature_flags() + "--out " + (file / "run").string(), 4,
                 "cannot create directory");
}

// The limit on a file's size stands in for a full disk: the write fails half way all the same.
TEST(OutputPlace, FullKeepsThePreviousFile) {
  const fs::path folder = new_folder("full");
  const std::string command = "predict " + clustered().string() + " " + images().string() +
                              " --out " + (folder / "clusters.csv").string();
  write_file(folder / "clusters.csv", "previous");
  expect_failure(command, 4, "clusters.csv: File too large", {.file_size_limit = 256});
  EXPECT_EQ(read_file(folder / "clusters.csv"), "previous");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

// Training that could not save goes on from what is there once there is room.
TEST(OutputPlace, FullDuringTrainingIsResumed) {
  const fs::path folder = copy_of(clustered(), "full_run");
  fs::remove_all(folder / "selflabel");
  const std::string command = "selflabel --epochs 2 --batch-size 8 --out " + folder.string();
  expect_failure(command, 4, "File too large", {.file_size_limit = 100'000});
  EXPECT_FALSE(fs::exists(folder / "selflabel/model.pth.tar.json"));
  const Outcome again = run(command);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(read_file(folder / "selflabel/model.pth.tar"),
            read_file(clustered() / "selflabel/model.pth.tar"));
}

// Each output of the commands, before their work: the messages name the place and the cause, and
// nothing is written.
TEST(OutputPlace, IsCheckedBeforeTheWork) {
  const fs::path folder = new_folder("checked");
  const std::string here = folder.string(), missing = here + "/missing/", picture = first_picture();
  write_file(folder / "file", "");
  const std::string predict = "predict " + clustered().string() + " " + images().string();
  const std::string model = (clustered() / "scan/model.pth.tar").string();
  for (const std::string& command :
       {predict + " --out x.csv --save-probabilities ", predict + " --out ", predict + " --json ",
        "views " + picture + " --out ", "inspect " + model + " --json ",
        "convert " + model + " --json x.json "}) {
    const bool convert = command.starts_with("convert");
    const std::string name = convert ? "/x.safetensors" : "/x";
    expect_failure(command + here + "/file" + name, 2, "must be a folder. It is a file");
    if (!convert) expect_failure(command + here, 2, "It is a folder");
    fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                                fs::perms::others_exec);
    expect_failure(command + here + name, 4, "ermission denied", {.ordinary_user = true});
    fs::permissions(folder, fs::perms::owner_all);
  }
  expect_failure(predict + " --out " + missing + "x", 2, "Make it first");
  expect_failure("views " + picture + " --out " + missing + "x", 2, "Make it first");
  expect_failure(predict + " --sort-into " + here + "/file", 2, "must be a folder. It is a file");
  expect_failure(predict + " --copy", 2, "--sort-into");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

// A result often goes into the folder that the command makes.
TEST(OutputPlace, TheFolderOfAResultIsMade) {
  const fs::path result = new_folder("result") / "new/x.json";
  const std::string model = (clustered() / "scan/model.pth.tar").string();
  EXPECT_EQ(run("inspect " + model + " --json " + result.string()).code, 0);
  EXPECT_TRUE(fs::exists(result));
}

TEST(OutputPlace, NoTemporaryFolderIsNeeded) {
  const fs::path folder = new_folder("no_temporary");
  const Surroundings nowhere{.no_temporary_folder = true};
  const auto expect_success = [&](const std::string& command) {
    const Outcome outcome = run(command, nowhere);
    EXPECT_EQ(outcome.code, 0) << command << "\n" << outcome.err;
  };
  const std::string out = (folder / "run").string();
  expect_success("cluster --clusters 3 " + images().string() + " --backbone " +
                 backbone().string() + " --out " + out);
  for (const char* command : {"eval", "report", "mine --force"}) {
    expect_success(std::string(command) + " --out " + out);
  }
  expect_success("predict " + out + " " + images().string() + " --out " + out + "/p.csv");
  expect_success("views " + first_picture() + " --out " + out + "/views.png");
  expect_success("convert " + out + "/scan/model.pth.tar " + out + "/x.safetensors");
  expect_success("zoo get cifar10-heads-scan --out " + out);
}

TEST(OutputPlace, AWrongExtensionLeavesNoFolder) {
  const fs::path folder = new_folder("extension") / "new";
  expect_failure("convert " + (clustered() / "scan/model.pth.tar").string() + " " +
                     (folder / "model.onnx").string(),
                 2, "OUT must end in .safetensors");
  EXPECT_FALSE(fs::exists(folder));
}

TEST(OutputPlace, UsedByAnotherProcess) {
  const fs::path folder = new_folder("locked");
  const DirectoryLock lock(folder);
  expect_failure("cluster --clusters 3" + feature_flags() + "--out " + folder.string(), 2,
                 format("Process {} is working there", int64_t{::getpid()}));
}

}  // namespace
}  // namespace nolabel
