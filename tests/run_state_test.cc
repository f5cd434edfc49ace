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

// Every figure of one way of clustering; the method's name and what only eval tells left out.
json figures_of(json object) {
  for (const char* key : {"method", "model", "data", "head", "heads"}) object.erase(key);
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
  EXPECT_EQ(table_after("\nreport\n" + reported.out, "report"),
            table_after(again.out, "Training images"));
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
    [](const testing::TestParamInfo<Asked>& info) { return std::string(info.param.name); });

// Selection and table score the same images: the chosen head has the lowest total.
TEST(RunState, TheChosenHeadHasTheLowestTotal) {
  const fs::path folder = new_folder("chosen_head") / "run";
  const std::string out = " --out " + folder.string();
  json_of("cluster " + larger_images().string() + " --clusters 4 --seed 1" + out);
  const json scan = json_of("eval --model scan" + out);
  ASSERT_EQ(scan["heads"].size(), 5u);
  const double chosen = scan["heads"][scan["head"].get<size_t>()]["total"];
  for (const json& head : scan["heads"]) EXPECT_LE(chosen, head["total"].get<double>());
}

TEST(RunState, APhotoFolderIsNoRunDirectory) {
  const fs::path folder = new_folder("photos_as_run");
  write_images(folder, 2, 3);
  expect_failure("cluster " + folder.string() + " --clusters 2 --out " + folder.string(), 2,
                 "--out must be another folder than the images'");
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
