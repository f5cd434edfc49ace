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
