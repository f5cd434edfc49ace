// The published program's configs, folders and files, as its users have them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const fs::path configs = fs::path(NOLABEL_SOURCE) / "configs";
// What makes a published recipe small: a slim network and one epoch.
constexpr const char* slim = " --set width=8 --set stem_stride=2 --set epochs=1";

// One image of CIFAR-10's binary version: the label, then three planes of one level each.
std::string cifar_image(int label, int level) {
  std::string bytes(1, static_cast<char>(label));
  for (int channel = 0; channel < 3; ++channel) {
    bytes.append(1024, static_cast<char>(40 * label + 11 * channel + level));
  }
  return bytes;
}

// cifar-10-batches-bin with five batches of 8 images and 12 test images of 3 classes.
fs::path cifar_folder() {
  const fs::path root = new_folder("published_data");
  const fs::path folder = root / "cifar-10-batches-bin";
  fs::create_directories(folder);
  std::string names;
  for (int k = 0; k < 10; ++k) names += format("class{}\n", k);
  write_file(folder / "batches.meta.txt", names);
  for (int batch = 1; batch <= 5; ++batch) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += cifar_image(i % 3, 5 * batch + i);
    write_file(folder / format("data_batch_{}.bin", batch), bytes);
  }
  std::string bytes;
  for (int i = 0; i < 12; ++i) bytes += cifar_image(i % 3, i);
  write_file(folder / "test_batch.bin", bytes);
  return root;
}

// Words that name the env file, which says where cifar_folder() is, and a published config.
std::string with_config(const fs::path& results, const std::string& config) {
  static const fs::path data = cifar_folder();
  const fs::path env = scratch() / "env.yml";
  write_file(env,
             format("root_dir: {}\ndatasets: {{cifar-10: {}}}\n", results.string(), data.string()));
  return format(" --config_env {} --config_exp {}", env.string(), (configs / config).string());
}

Outcome expect_success(const std::string& arguments) {
  Outcome outcome = run(arguments);
  EXPECT_EQ(outcome.code, 0) << arguments << "\n" << outcome.err;
  return outcome;
}

// A pretext stage of one epoch in the published layout, made once.
const fs::path& pretext_results() {
  static const fs::path results = [] {
    const fs::path folder = new_folder("published_results");
    expect_success("simclr" + with_config(folder, "pretext/simclr_cifar10.yml") + slim);
    return folder;
  }();
  return results;
}

TEST(Published, EveryConfigIsUnderstood) {
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(configs)) {
    if (!entry.is_regular_file() || entry.path().filename() == "env.yml") continue;
    const Outcome outcome = expect_success("settings --json - --config " + entry.path().string());
    const json settings = json::parse(outcome.out);
    const std::string folder = entry.path().parent_path().filename();
    EXPECT_EQ(settings["setup"], folder == "pretext" ? settings["setup"] : json(folder));
    EXPECT_EQ(settings["train_db_name"], settings["val_db_name"]);
    if (folder == "scan") {
      EXPECT_GT(settings["num_classes"], 0);
    }
    ++count;
  }
  EXPECT_EQ(count, 19);
}

TEST(Published, SettingsShowWhatAConfigComesTo) {
  const Outcome outcome = expect_success("settings --set optimizer_kwargs.lr=3 --config " +
                                         (configs / "scan/scan_imagenet_50.yml").string());
  EXPECT_THAT(outcome.out, HasSubstr("scan_imagenet_50.yml:9"));  // num_heads
  EXPECT_THAT(outcome.out, testing::ContainsRegex("optimizer_kwargs.lr +3 +--set"));
}

// What --config_exp changes without a key of the config.
TEST(Published, SettingsShowTheDefaultsOfThePublishedProgram) {
  const auto settings_of = [](const std::string& config) {
    return json::parse(
        expect_success("settings --json - --config " + (configs / config).string()).out);
  };
  const json pretext = settings_of("pretext/simclr_cifar10.yml");
  const json scan = settings_of("scan/scan_stl10.yml");
  const json selflabel = settings_of("selflabel/selflabel_cifar10.yml");
  EXPECT_EQ(selflabel["ema_mode"], "published");
  for (const json& settings : {scan, selflabel}) {
    EXPECT_EQ(settings["module_prefix"], true);
    EXPECT_EQ(settings["feature_normalization"], "none");
  }
  for (const json& settings : {pretext, scan, selflabel}) {
    EXPECT_EQ(settings["reduced_decode"], false);
  }
}

// No shell replaces `~` in a file or in --set.
TEST(Published, TheHomeFolderIsReplacedInConfigs) {
  const fs::path config = scratch() / "home.yml";
  write_file(config, "setup: scan\ncache_dir: ~/kept\n");
  const json settings = json::parse(
      expect_success("settings --json - --config " + config.string() + " --set subset=~/list.txt")
          .out);
  const std::string home = std::getenv("HOME");
  EXPECT_EQ(settings["cache_dir"], home + "/kept");
  EXPECT_EQ(settings["subset"], home + "/list.txt");
  const fs::path env = scratch() / "home_env.yml";
  write_file(env, "root_dir: ~/no_such_place\ndatasets: {cifar-10: ~/no_such_data}\n");
  expect_failure("eval --config_env " + env.string() + " --config_exp " +
                     (configs / "scan/scan_cifar10.yml").string(),
                 2, home + "/no_such_place/cifar-10");
}

// Tables and figures are measured in fp32, whichever command measures them.
TEST(Published, EveryCommandMeasuresTheSame) {
  const fs::path results = copy_of(pretext_results(), "published_measures");
  const fs::path table = results / "cifar-10/pretext/topk-train-neighbors.npy";
  const std::string of_simclr = read_file(table);
  const std::string pretext = with_config(results, "pretext/simclr_cifar10.yml");
  const Outcome mined = expect_success("mine --force" + pretext);
  EXPECT_EQ(read_file(table), of_simclr);
  EXPECT_THAT(mined.err, testing::Not(HasSubstr("confusion matrix")));

  const std::string words = with_config(results, "scan/scan_cifar10.yml");
  const std::string few = " --set epochs=1 --set num_classes=3 --set num_workers=0";
  const json scanned =
      json::parse(expect_success("scan --quiet --json -" + words + few).out)["evaluation"];
  const Outcome evaluated = expect_success("eval --json -" + words);
  EXPECT_THAT(evaluated.err, HasSubstr("unlike the published program: "));
  EXPECT_EQ(json::parse(evaluated.out), scanned);
  const Outcome labelled = expect_success(
      "selflabel" + with_config(results, "selflabel/selflabel_cifar10.yml") + " --set epochs=1");
  EXPECT_THAT(labelled.err, HasSubstr("a batch without a confident image"));
}

// MoCo's weights are large: a pretext model that is there is not replaced by a download.
TEST(Published, MocoKeepsThePretextModelThatIsThere) {
  const fs::path folder = new_folder("moco_kept");
  const std::string out = " --mined-neighbors 5 --out " + folder.string();
  expect_success("moco " + (backbone() / "pretext/model.pth.tar").string() + " " +
                 images().string() + out);
  const std::string model = read_file(folder / "pretext/model.pth.tar");
  const Outcome again = expect_success("moco " + images().string() + out);
  EXPECT_THAT(again.err, HasSubstr("pretext/model.pth.tar"));
  EXPECT_EQ(read_file(folder / "pretext/model.pth.tar"), model);
}

TEST(Published, StagesFollowOneAnotherInThePublishedLayout) {
  const fs::path results = new_folder("published_whole");
  const fs::path run_folder = results / "cifar-10";
  const Outcome pretext =
      expect_success("simclr" + with_config(results, "pretext/simclr_cifar10.yml") + slim);
  EXPECT_THAT(pretext.err, HasSubstr("unlike the published program"));
  for (const char* file : {"checkpoint.pth.tar", "model.pth.tar", "topk-train-neighbors.npy",
                           "topk-val-neighbors.npy"}) {
    EXPECT_TRUE(fs::exists(run_folder / "pretext" / file)) << file;
  }
  EXPECT_EQ(read_npy_int64(run_folder / "pretext/topk-train-neighbors.npy").columns, 21);
  EXPECT_EQ(read_npy_int64(run_folder / "pretext/topk-val-neighbors.npy").columns, 6);

  const Outcome scan = expect_success("scan --set epochs=1 --json -" +
                                      with_config(results, "scan/scan_cifar10.yml"));
  EXPECT_TRUE(json::parse(scan.out)["evaluation"].contains("ACC"));
  expect_success("selflabel --set epochs=1" +
                 with_config(results, "selflabel/selflabel_cifar10.yml"));
  for (const char* stage : {"scan", "selflabel"}) {
    EXPECT_TRUE(fs::exists(run_folder / stage / "model.pth.tar"));
    EXPECT_TRUE(fs::exists(run_folder / stage / "confusion_matrix.png"));
    EXPECT_TRUE(fs::exists(run_folder / stage / "confusion_matrix.csv"));
    // Names stand in the pickle as plain texts: DataParallel's in a clustering stage's checkpoint.
    EXPECT_THAT(read_file(run_folder / stage / "checkpoint.pth.tar"),
                HasSubstr("module.backbone.conv1.weight"));
    EXPECT_THAT(read_file(run_folder / stage / "model.pth.tar"), Not(HasSubstr("module.backbone")));
  }
  EXPECT_THAT(read_file(run_folder / "pretext/checkpoint.pth.tar"),
              Not(HasSubstr("module.backbone")));
}

// Of the published SCAN step people have the file alone.
TEST(Published, SelflabelGoesOnFromAScanModelAlone) {
  const fs::path results = new_folder("published_scan_alone");
  const fs::path folder = results / "cifar-10";
  fs::create_directories(folder / "scan");
  expect_success("scan --set epochs=1" + with_config(pretext_results(), "scan/scan_cifar10.yml"));
  fs::copy_file(pretext_results() / "cifar-10/scan/model.pth.tar", folder / "scan/model.pth.tar");
  const std::string selflabel =
      "selflabel --set epochs=1" + with_config(results, "selflabel/selflabel_cifar10.yml");
  const Outcome outcome = expect_success(selflabel);
  EXPECT_THAT(outcome.err,
              HasSubstr("the run has no pretext model, so nolabel uses the backbone of "));
  EXPECT_THAT(outcome.err, HasSubstr("nolabel compares the two models without the silhouette"));
  EXPECT_THAT(outcome.err, Not(HasSubstr(", silhouette ")));  // of a judgement with it
  EXPECT_TRUE(fs::exists(folder / "selflabel/model.pth.tar"));

  // It is remembered as the run's own, so that a moved run finds it.
  const fs::path moved = results / "moved";
  fs::rename(folder, moved);
  expect_success("eval --images train --out " + moved.string());
  expect_success("report --out " + moved.string());
}

TEST(Published, EvalMeasuresAPretextModelByItsNeighbors) {
  const fs::path model = pretext_results() / "cifar-10/pretext/model.pth.tar";
  const Outcome outcome =
      expect_success("eval --json - --model " + model.string() +
                     with_config(pretext_results(), "pretext/simclr_cifar10.yml"));
  const json result = json::parse(outcome.out);
  EXPECT_EQ(result["images"], 12);
  EXPECT_TRUE(result["neighbor_accuracy"].contains("5"));
}

TEST(Published, APretextCheckpointAloneIsMinedFrom) {
  const fs::path results = new_folder("published_checkpoint");
  const fs::path pretext = results / "cifar-10/pretext";
  fs::create_directories(pretext);
  // Without our statements beside it, and a bare state dict: as it is downloaded.
  fs::copy_file(pretext_results() / "cifar-10/pretext/model.pth.tar",
                pretext / "checkpoint.pth.tar");
  expect_success("mine" + with_config(results, "pretext/simclr_cifar10.yml"));
  EXPECT_TRUE(fs::exists(pretext / "model.pth.tar"));
  EXPECT_TRUE(fs::exists(pretext / "topk-train-neighbors.npy"));
}

TEST(Published, AnUnfinishedCheckpointIsContinuedFromItsEpoch) {
  const fs::path results = new_folder("published_continued");
  const fs::path pretext = results / "cifar-10/pretext";
  fs::create_directories(pretext);
  fs::copy_file(pretext_results() / "cifar-10/pretext/checkpoint.pth.tar",
                pretext / "checkpoint.pth.tar");
  const Outcome outcome = expect_success("simclr --set width=8 --set stem_stride=2 --set epochs=2" +
                                         with_config(results, "pretext/simclr_cifar10.yml"));
  EXPECT_THAT(outcome.err, HasSubstr("continuing after epoch 1 of 2"));
}

TEST(Published, MistakesAreNamedWithTheirPlace) {
  const fs::path results = new_folder("published_mistakes");
  expect_failure("scan" + with_config(results, "pretext/simclr_cifar10.yml"), 2,
                 "This one is for `nolabel simclr`");
  const fs::path config = scratch() / "typo.yml";
  write_file(config, "setup: scan\ntrain_db_name: cifar-10\nnum_neighbours: 20\n");
  expect_failure("scan --config_exp " + config.string(), 2, "Did you mean num_neighbors? (");
  write_file(config, "setup: scan\ntrain_db_name: cifar-11\n");
  expect_failure("scan --config_exp " + config.string(), 2, "typo.yml:2");
  write_file(config, "setup: scan\ntrain_db_name: cifar-10\nval_db_name: cifar-20\n");
  expect_failure("scan --config_exp " + config.string(), 2, "val_db_name must be train_db_name");
  expect_failure("scan --config_exp " + (configs / "scan/scan_cifar10.yml").string(), 2,
                 "root_dir");
  // ImageNet is not to be had by download.
  write_file(scratch() / "no.yml", "root_dir: " + results.string() + "\n");
  expect_failure("moco x.pth.tar --config_env " + (scratch() / "no.yml").string() +
                     " --config_exp " + (configs / "pretext/moco_imagenet50.yml").string(),
                 2, "x.pth.tar does not exist");
}

TEST(Published, WhatIsMissingIsNamedWithItsRemedy) {
  const fs::path results = new_folder("published_missing");
  const fs::path env = scratch() / "no_data.yml";
  write_file(env, "root_dir: " + results.string() + "\n");
  const std::string scan = " --config_exp " + (configs / "scan/scan_cifar10.yml").string();
  expect_failure("scan --config_env " + env.string() + scan, 2, "datasets: {cifar-10: FOLDER}");
  expect_failure("scan" + with_config(results, "scan/scan_cifar10.yml"), 2,
                 "run `nolabel simclr` first");
  expect_failure("eval --model none.pth.tar" + scan, 2, "none.pth.tar is no file");
  expect_failure("report --config_env " + env.string(), 2, "does not take --config_env");
}

TEST(Published, ADataRootIsLookedInto) {
  const fs::path results = new_folder("published_root");
  const fs::path model = pretext_results() / "cifar-10/pretext/model.pth.tar";
  const fs::path nothing = new_folder("published_nothing");
  expect_failure("eval --model " + model.string() + " --data-root " + nothing.string() +
                     " --config_exp " + (configs / "scan/imagenet_eval.yml").string() +
                     " --set backbone=any",
                 2, nothing.string());
}

TEST(Published, ARecipeIsRepeatedWithSeveralSeeds) {
  const fs::path out = new_folder("repeat");
  const fs::path pretext = scratch() / "simclr.yml", scan = scratch() / "scan.yml";
  write_file(pretext,
             "setup: simclr\ntrain_db_name: cifar-10\nwidth: 8\nstem_stride: 2\nepochs: 1\n");
  write_file(scan, "setup: scan\ntrain_db_name: cifar-10\nnum_classes: 3\nepochs: 1\n");
  with_config(out, "");  // writes the env file
  const Outcome outcome = expect_success(
      format("repeat {} {} --seeds 2 --json - --out {} --config_env {}", pretext.string(),
             scan.string(), out.string(), (scratch() / "env.yml").string()));
  const json result = json::parse(outcome.out);  // nothing else is on stdout
  const json accuracy = result["stages"]["scan"]["ACC"];
  const double a = accuracy["values"][0], b = accuracy["values"][1];
  EXPECT_NEAR(accuracy["mean"], (a + b) / 2, 1e-12);
  EXPECT_NEAR(accuracy["std"], std::abs(a - b) / std::sqrt(2.0), 1e-12);
  EXPECT_TRUE(result["stages"]["simclr"].contains("neighbors 5"));
  EXPECT_TRUE(fs::exists(out / "seed-1/scan/model.pth.tar"));
}

TEST(Published, ARepetitionTakesFeaturesAndSettingsAndGoesOn) {
  const fs::path out = new_folder("repeat_features");
  const fs::path scan = scratch() / "repeat_scan.yml";
  write_npy(out / "features.npy", blobs(3, 20));
  write_file(scan, "setup: scan\nnum_classes: 3\nepochs: 9\nbatch_size: 20\n");
  const std::string words = "repeat " + scan.string() + " --features " +
                            (out / "features.npy").string() +
                            " --set epochs=2 --set num_workers=0 --out " + (out / "runs").string();
  const Outcome first = expect_success(words + " --seeds 1");
  EXPECT_THAT(first.out, HasSubstr("1 seed, mean"));
  const json sidecar = json::parse(read_file(out / "runs/seed-0/scan/model.pth.tar.json"));
  EXPECT_EQ(sidecar["made_from"]["settings"]["epochs"], 2);
  const Outcome more = expect_success(words + " --seeds 3");
  EXPECT_THAT(more.err, HasSubstr("this stage was finished before"));  // of the first seed
  for (const char* seeds : {"1 seed, mean", "2 seeds, mean", "3 seeds, mean"}) {
    EXPECT_THAT(more.out, HasSubstr(seeds));
  }
}

}  // namespace
}  // namespace nolabel
