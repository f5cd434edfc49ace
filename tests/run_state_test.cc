// A run has one state: what `cluster` settles, every later command uses, whatever was asked for.
// cluster, eval, report and predict agree on the run's own images to the last digit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
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

// JSON on stdout.
json json_of(const std::string& words) {
  const Outcome outcome = run(words + " --quiet --json -");
  EXPECT_EQ(outcome.code, 0) << words << ": " << outcome.err;
  return outcome.code == 0 ? json::parse(outcome.out) : json::object();
}

// Every figure of one way of clustering, without what only eval tells.
json figures_of(json object) {
  for (const char* key : {"model", "data", "backbone_labels", "head", "heads"}) object.erase(key);
  return object;
}

// cluster's two tables as a terminal shows them.
std::string table_after(const std::string& text, const std::string& title) {
  const size_t begin = text.find(title);
  if (begin == text.npos) return "";
  const size_t first = text.find('\n', begin) + 1;
  return text.substr(first, text.find("\n\n", first) - first);
}

// path -> the rest of the row, as both CSV files have it.
std::map<std::string, std::vector<std::string>> rows_of(const fs::path& file) {
  std::map<std::string, std::vector<std::string>> rows;
  for (const CsvRow& row : read_csv(file)) {
    rows[row.fields[0]] = {row.fields.begin() + 1, row.fields.begin() + 5};
  }
  return rows;
}

// 40 pixels, so that views of several sizes differ.
const fs::path& larger_images() {
  static const fs::path folder = [] {
    const fs::path path = new_folder("larger_images");
    write_images(path, 3, 12, 0, 40);
    return path;
  }();
  return folder;
}

struct Asked {
  const char* name;
  std::string flags;  // of cluster
};

void PrintTo(const Asked& asked, std::ostream* out) {
  *out << asked.name;
}

class RunStateTest : public testing::TestWithParam<Asked> {};

TEST_P(RunStateTest, EveryCommandMeasuresWhatClusterMeasured) {
  const fs::path folder = new_folder(std::string("state_") + GetParam().name) / "run";
  const std::string out = " --out " + folder.string();
  std::string flags = GetParam().flags;
  const std::string placeholder = "BACKBONE";
  if (const size_t at = flags.find(placeholder); at != flags.npos) {
    flags.replace(at, placeholder.size(), backbone().string());
  }
  const std::string words = "cluster " + larger_images().string() + " --clusters 3 " + flags + out;
  const json clustered = json_of(words);
  ASSERT_TRUE(clustered.contains("train"));

  // The same folder of images, told of nothing but the run.
  const json on_train = json_of("eval --images train" + out);
  EXPECT_EQ(figures_of(on_train), figures_of(clustered["train"][0]));
  const json on_validation = json_of("eval" + out);
  const bool split = !clustered["validation"].empty();
  EXPECT_EQ(figures_of(on_validation), figures_of(clustered[split ? "validation" : "train"][0]));

  const auto assigned = rows_of(folder / "assignments.csv");
  const Outcome again = run(words);
  const Outcome reported = run("report" + out);
  ASSERT_EQ(reported.code, 0) << reported.err;
  EXPECT_EQ(table_after(reported.out, "Training images"),
            table_after(again.out, "Training images"));
  EXPECT_EQ(table_after(reported.out, "Validation images"),
            table_after(again.out, "Validation images"));
  EXPECT_EQ(rows_of(folder / "assignments.csv"), assigned);

  const fs::path predicted_file = folder.parent_path() / "predicted.csv";
  const Outcome predicted = run("predict " + folder.string() + " " + larger_images().string() +
                                " --out " + predicted_file.string());
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  const auto of_files = rows_of(predicted_file);
  for (const auto& [path, row] : assigned) EXPECT_EQ(of_files.at(path), row) << path;
}

INSTANTIATE_TEST_SUITE_P(
    Asked, RunStateTest,
    testing::Values(Asked{"seed_and_hold_out", "--hold-out 0.3 --seed 3"},
                    Asked{"image_size_and_labels", "--image-size 24 --labels none"},
                    Asked{"image_size_and_hold_out",
                          "--image-size 16 --hold-out 0.25 --precision fp32"},
                    Asked{"effort", "--effort standard --seed 2 --backbone BACKBONE"},
                    Asked{"backbone_and_image_size",
                          "--backbone BACKBONE --image-size 40 --cache-format compressed"}),
    [](const auto& asked) { return std::string(asked.param.name); });

// Selection and table score the same images: the chosen head has the lowest total.
TEST(RunState, TheChosenHeadHasTheLowestTotal) {
  const fs::path folder = new_folder("chosen_head") / "run";
  const std::string out = " --out " + folder.string();
  json_of("mine " + larger_images().string() + " --backbone starter" + out);
  json_of("scan --num-classes 4 --num-heads 5 --epochs 3 --update_cluster_head_only true" + out);
  const json scan = json_of("eval --model scan" + out);
  ASSERT_EQ(scan["heads"].size(), 5u);
  const double chosen = scan["heads"][scan["head"].get<size_t>()]["total"];
  for (const json& head : scan["heads"]) EXPECT_LE(chosen, head["total"].get<double>());
}

// A run by `cluster`, of images().
const fs::path& one_command_run() {
  static const fs::path folder = [] {
    const fs::path path = new_folder("one_command") / "run";
    json_of("cluster " + images().string() + " --clusters 3 --seed 2 --backbone " +
            backbone().string() + " --out " + path.string());
    return path;
  }();
  return folder;
}

// The run knows what it was clustered with, and another number is refused before any work.
TEST(RunState, ClusteringAgainNeedsNoFlags) {
  const std::string out = " --out " + one_command_run().string();
  const json again = json_of("cluster" + out);
  EXPECT_EQ(again["train"], json_of("report" + out)["train"]);
  EXPECT_EQ(again["train"][0]["clusters"], 3);
  expect_failure("cluster --effort standard" + out, 2, "effort was quick, is standard");
  expect_failure("cluster --clusters 4" + out, 2, "clusters was 3, is 4");
  expect_failure("cluster --backbone starter" + out, 2, "another backbone");
}

// The backbone of a run lies elsewhere and is trained further: the heads that were trained on its
// earlier features are measured with the backbone that they were trained with.
TEST(RunState, AModelIsMeasuredWithItsOwnBackbone) {
  const fs::path other = copy_of(backbone(), "trained_further");
  const std::string out = " --out " + (new_folder("outdated") / "run").string();
  json_of("cluster " + images().string() + " --clusters 3 --backbone " + other.string() + out);
  const json before = json_of("eval" + out);
  const Outcome further = run("simclr " + images().string() + " --out " + other.string() +
                              " --width 8 --image-size 16 --epochs 3 --batch-size 24");
  ASSERT_EQ(further.code, 0) << further.err;
  const Outcome after = run("eval --quiet --json -" + out);
  ASSERT_EQ(after.code, 0) << after.err;
  EXPECT_THAT(after.err, HasSubstr("was trained on another backbone than the run has now"));
  const json measured = json::parse(after.out);
  for (const char* key : {"ACC", "sizes", "mean_confidence", "confusion"}) {
    EXPECT_EQ(measured[key], before[key]) << key;
  }
  EXPECT_THAT(run("report" + out).err, HasSubstr("was trained on another backbone"));
}

// A model that was self-labelled from an earlier SCAN model is none of the present run's.
TEST(RunState, AnOlderSelfLabelledModelIsLeftOut) {
  const std::string out = " --out " + copy_of(clustered(), "scan_again").string();
  EXPECT_EQ(json_of("report" + out)["train"].size(), 3u);
  const Outcome scanned =
      run("scan --force --num-classes 2 --epochs 1 --batch-size 8 --num-neighbors 5 --num-heads 1" +
          out);
  ASSERT_EQ(scanned.code, 0) << scanned.err;
  const json reported = json_of("report" + out);
  ASSERT_EQ(reported["train"].size(), 2u);
  EXPECT_EQ(reported["train"][0]["method"], "SCAN");
  EXPECT_EQ(reported["train"][1]["clusters"], 2);
  EXPECT_THAT(run("eval --model selflabel" + out).err, HasSubstr("an earlier SCAN model"));
}

// What a run holds out are images of its own.
TEST(RunState, OtherImagesAreMeasuredWhole) {
  const fs::path folder = new_folder("other_images");
  const std::string out = " --out " + (folder / "run").string();
  json_of("cluster " + images().string() + " --clusters 3 --hold-out 0.25 --backbone " +
          backbone().string() + out);
  write_images(folder / "others", 3, 4, /*seed=*/9);
  const Outcome outcome = run("eval --json - " + (folder / "others").string() + out);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out)["images"], 12);
  EXPECT_THAT(outcome.err, HasSubstr("the share of images that the run holds out"));
  EXPECT_EQ(json_of("eval" + out)["images"], 6);  // and the run still has its own
}

// Looking at a folder by mistake leaves nothing there and removes nothing.
TEST(RunState, AFolderThatIsNoRunIsLeftAlone) {
  const fs::path folder = new_folder("no_run");
  write_images(folder, 2, 2);
  write_file(folder / "notes.12.tmp", "mine");
  expect_failure("eval --out " + folder.string(), 2, "holds no run");
  expect_failure("report --out " + folder.string(), 2, "holds no run");
  EXPECT_TRUE(fs::exists(folder / "notes.12.tmp"));
  EXPECT_FALSE(fs::exists(folder / ".lock"));
}

// The heads of such a checkpoint belong to shifted features.
TEST(RunState, ACheckpointOfCenteredFeaturesIsNoModel) {
  const std::string checkpoint = (one_command_run() / "scan/checkpoint.pth.tar").string();
  for (const std::string& words : std::vector<std::string>{
           "predict " + checkpoint + " " + images().string(),
           "eval " + images().string() + " --model " + checkpoint,
           "convert " + checkpoint + " " + (scratch() / "out.safetensors").string()}) {
    expect_failure(words, 2, "centered features");
  }
}

TEST(RunState, FeaturesHaveNoNetworkForImages) {
  const fs::path folder = new_folder("feature_model");
  write_npy(folder / "features.npy", blobs(3, 20));
  json_of("cluster --clusters 3 --features " + (folder / "features.npy").string() + " --out " +
          (folder / "run").string());
  const std::string model = (folder / "run/scan/model.pth.tar").string();
  const std::string out = " --out " + (folder / "other").string();
  for (const std::string& words : std::vector<std::string>{
           "eval " + images().string() + " --model " + model,
           "cluster " + images().string() + " --clusters 3 --backbone " + model + out,
           "mine " + images().string() + " --backbone " + model + out,
           "simclr " + images().string() + " --start " + model + out}) {
    expect_failure(words, 2, "was made from given features");
  }
}

TEST(RunState, APhotoFolderIsNoRunDirectory) {
  const fs::path folder = new_folder("photos_as_run");
  write_images(folder, 2, 3);
  expect_failure("cluster " + folder.string() + " --clusters 2 --out " + folder.string(), 2,
                 "--out must not be the folder of the images");
}

TEST(RunState, OlderRunsAreRead) {
  const fs::path folder = copy_of(clustered(), "older_run");
  json state = json::parse(read_file(folder / "run.json"));
  for (const char* key : {"format", "seed", "split_seed", "precision", "reduced_decode", "backbone",
                          "backbone_hash"}) {
    state.erase(key);
  }
  state["hold_out"] = "0";  // as text, as versions before format 2 wrote it
  state["coarse"] = "false";
  write_file(folder / "run.json", state.dump());
  EXPECT_EQ(json_of("eval --out " + folder.string())["images"], 24);
  state["format"] = 99;
  write_file(folder / "run.json", state.dump());
  expect_failure("eval --out " + folder.string(), 2, "newer version");
}

}  // namespace
}  // namespace nolabel
