// What bad input gets: one line, the right exit code, nothing lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string with_backbone() {
  return " --backbone " + backbone().string();
}

std::string out(const std::string& name) {
  return " --out " + (scratch() / name).string();
}

void truncate(const fs::path& file) {
  const std::string content = read_file(file);
  write_file(file, content.substr(0, content.size() / 2));
}

TEST(BadInput, TooFewImages) {
  const fs::path folder = new_folder("few");
  expect_failure("cluster " + folder.string() + " --clusters 2" + with_backbone() + out("few_run"),
                 3, "must hold images");
  write_images(folder, 1, 1);
  expect_failure("cluster " + folder.string() + " --clusters 2" + with_backbone() + out("few_run"),
                 3, "at least 2 images. There is 1.");
  expect_failure("mine " + folder.string() + with_backbone() + out("few_run"), 3,
                 "at least 2 images");
  expect_failure("cluster " + (folder / "nowhere").string() + " --clusters 2" + with_backbone() +
                     out("few_run"),
                 2, "does not exist");
}

TEST(BadInput, ClustersThatCannotBe) {
  expect_failure("cluster " + images().string() + " --clusters 25" + with_backbone() + out("k_run"),
                 2,
                 "clusters must be 2..24, at most as many as there are images that train. "
                 "Received 25.");
  expect_failure("cluster " + images().string() + " --clusters 1" + with_backbone() + out("k_run"),
                 2, "clusters must be 2..100000. Received 1. (--clusters)");
}

TEST(BadInput, FewerImagesThanNeighborsTakesAll) {
  const fs::path folder = new_folder("six");
  write_images(folder, 2, 3);
  const Outcome outcome =
      run("mine " + folder.string() + with_backbone() + out("six_run") + " --mined-neighbors 20");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("there are only 6 images; nolabel takes 5"));
  const fs::path table = scratch() / "six_run/pretext/topk-train-neighbors.npy";
  EXPECT_EQ(read_npy_int64(table).columns, 6);
  expect_failure("scan --num-classes 2 --num-neighbors 6" + out("six_run"), 2,
                 "num_neighbors must be 1..5 for this table (6 columns). Received 6.");
}

TEST(BadInput, IdenticalFeaturesStillEnd) {
  Matrix<float> same(6000, 4);
  std::fill(same.values.begin(), same.values.end(), 1.0f);
  const fs::path file = scratch() / "same.npy";
  write_npy(file, same);
  const Outcome outcome = run("cluster --clusters 3 --features " + file.string() + out("same_run"));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(fs::exists(scratch() / "same_run/report.html"));
}

TEST(BadInput, IdenticalImagesStillEnd) {
  const fs::path folder = new_folder("copies_of_one");
  write_images(folder, 1, 1);
  for (int i = 1; i < 12; ++i) {
    fs::copy_file(folder / "class0/0.ppm", folder / "class0" / format("{}.ppm", i));
  }
  const std::string words = "cluster " + folder.string() + " --clusters 2" + with_backbone();
  expect_failure(words + out("same_images_run"), 3,
                 "at least 2 images must differ and show something. Of 12 images, 1 are left");
  const Outcome outcome = run(words + " --duplicates keep" + out("kept_copies_run"));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("11 images are exact copies of other images"));
  EXPECT_THAT(outcome.err, HasSubstr("1 of the clusters"));  // held no image: said, not hidden
  EXPECT_TRUE(fs::exists(scratch() / "kept_copies_run/report.html"));
}

TEST(BadInput, SettingsThatDoNotExistOrFit) {
  expect_failure("scan --num-neigbors 3" + out("settings_run"), 2,
                 "unknown flag --num-neigbors. Did you mean --num-neighbors?");
  expect_failure("scan --epochs -1" + out("settings_run"), 2, "Received -1. (--epochs)");
  const fs::path config = scratch() / "my.yml";
  write_file(config, "epochs: 3\nbatch_sise: 4\n");
  expect_failure("scan --config " + config.string() + out("settings_run"), 2,
                 "Did you mean batch_size");
  expect_failure("scan --config " + config.string() + out("settings_run"), 2, "my.yml:2)");
  EXPECT_FALSE(fs::exists(scratch() / "settings_run"));
}

TEST(BadInput, TableOfOtherImages) {
  const fs::path other = new_folder("other");
  write_images(other, 3, 8, /*seed=*/1);  // as many, but others
  const fs::path folder = copy_of(clustered(), "other_run");
  expect_failure(
      "scan " + other.string() + " --num-classes 3 --num-neighbors 5 --out " + folder.string(), 2,
      "was mined on other images");
  // The run is as it was: it still knows its own images.
  EXPECT_EQ(read_file(folder / "run.json"), read_file(clustered() / "run.json"));
  const fs::path table = folder / "pretext/topk-train-neighbors.npy";
  fs::remove(fs::path(table) += ".json");
  write_npy(table, Matrix<int64_t>(7, 6));
  expect_failure("scan --num-classes 3 --num-neighbors 5 --out " + folder.string(), 2,
                 "must have one row per image (24). Received 7.");
  fs::remove(table);
  expect_failure("scan --num-classes 3 --out " + folder.string(), 2, "run `nolabel mine` first");
}

TEST(BadInput, WeightsOfAnotherArchitecture) {
  const fs::path folder = copy_of(clustered(), "architecture_run");
  fs::remove_all(folder / "selflabel");
  const Outcome outcome = run("selflabel --backbone starter --out " + folder.string());
  EXPECT_EQ(outcome.code, 2) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("backbone.conv1.weight"));
  const fs::path statement = folder / "scan/model.pth.tar.backbone.json";
  write_file(statement, "{\"stem\": \"imagenet\"}");
  expect_failure("predict --model scan " + folder.string() + " " + images().string(), 3,
                 "must state a stem that fits its weights");
}

TEST(BadInput, DamagedFilesOfARun) {
  const fs::path folder = copy_of(clustered(), "damaged_run");
  const std::string predict = "predict " + folder.string() + " " + images().string();
  truncate(folder / "scan/model.pth.tar");
  expect_failure(predict + " --model scan", 3, "model.pth.tar");
  write_file(folder / "run.json", "{\"final\": []}");
  expect_failure(predict, 3, "run.json");
  write_file(folder / "run.json", "{");
  expect_failure(predict, 3, "run.json");
  expect_failure("eval --out " + scratch().string() + "/nothing", 2, "");
}

TEST(BadInput, TruncatedBackbone) {
  const fs::path file = scratch() / "cut.pth.tar";
  fs::copy_file(backbone() / "pretext/model.pth.tar", file);
  truncate(file);
  expect_failure("mine " + images().string() + " --backbone " + file.string() + out("cut_run"), 3,
                 "cut.pth.tar");
}

TEST(BadInput, TruncatedCheckpoint) {
  const fs::path folder = copy_of(clustered(), "checkpoint_run");
  fs::remove(folder / "selflabel/model.pth.tar.json");  // as if it had not finished
  truncate(folder / "selflabel/checkpoint.pth.tar");
  expect_failure("selflabel --epochs 2 --batch-size 8 --out " + folder.string(), 3,
                 "checkpoint.pth.tar");
}

TEST(BadInput, FeaturesThatDoNotFit) {
  const fs::path features = scratch() / "bad.npy", names = scratch() / "bad.csv";
  Matrix<float> rows(4, 2);
  write_npy(features, rows);
  write_file(names, "path\na\nb\n");
  const std::string cluster = "cluster --clusters 2 --features " + features.string();
  expect_failure(cluster + " --paths " + names.string() + out("bad_run"), 2,
                 "names 2 rows, the features have 4");
  rows.at(1, 1) = std::numeric_limits<float>::quiet_NaN();
  write_npy(features, rows);
  expect_failure(cluster + out("bad_run"), 3, "must hold finite numbers");
  write_file(features, "hello");
  expect_failure(cluster + out("bad_run"), 3, "bad.npy");
}

TEST(BadInput, FeaturesBesideImages) {
  expect_failure("cluster " + images().string() + " --clusters 2" + feature_flags() + out("both"),
                 2, "either DATA or --features must be given, not both");
  expect_failure("scan --num-classes 2" + feature_flags() + with_backbone() + out("both"), 2,
                 "backbone cannot be used with --features");
  expect_failure("cluster --clusters 2 --effort standard" + feature_flags() + out("both"), 2,
                 "effort must be quick for features");
  expect_failure("cluster --clusters 2 --paths names.csv" + out("both"), 2,
                 "--paths names the rows of --features. Give --features, too.");
  const fs::path names = scratch() / "other_header.csv";
  write_file(names, "file,label\na,b\n");
  expect_failure("cluster --clusters 2 --features " + (scratch() / "features.npy").string() +
                     " --paths " + names.string() + out("both"),
                 2, "other_header.csv");
}

TEST(BadInput, CommandsThatOnlyLookMakeNoFolder) {
  const std::string typo = (scratch() / "typo_run").string();
  for (const char* command : {"eval", "report"}) {
    expect_failure(std::string(command) + " --out " + typo, 2, "does not exist");
    EXPECT_FALSE(fs::exists(typo));
  }
}

}  // namespace
}  // namespace nolabel
