// What scripts rely on: names and columns of the results, where they go, and odd file names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "nolabel/base/csv.h"
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

constexpr const char* odd_name = "\"><img src=x onerror=alert(1)>.jpg";

TEST(Results, EvalHasTheStableKeys) {
  const Outcome outcome = run("eval --quiet --json - --out " + clustered().string());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json result = json::parse(outcome.out);
  for (const char* key : {"ACC", "NMI", "AMI", "ARI", "top5", "matching", "images", "clusters",
                          "classes", "sizes", "entropy"}) {
    EXPECT_TRUE(result.contains(key)) << key;
  }
  EXPECT_EQ(result["images"], 24);
  EXPECT_EQ(result["clusters"], 3);
  EXPECT_EQ(result["sizes"].size(), 3u);
  EXPECT_GE(result["ACC"], 8.0 / 24);  // one cluster matched to one class
  EXPECT_LE(result["ACC"], 1);         // a fraction
}

// What eval says of each head is what SCAN chose its model by.
TEST(Results, EvalScoresHeadsAsTheirSelectionDid) {
  const fs::path folder = copy_of(clustered(), "heads");
  const std::string out = " --out " + folder.string();
  ASSERT_EQ(run("scan --force --num-classes 3 --num-heads 3 --epochs 2 --batch-size 8"
                " --num-neighbors 5 --quiet" +
                out)
                .code,
            0);
  json chosen;
  std::istringstream lines(read_file(folder / "scan/metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const json validation = json::parse(line)["validation"];
    if (validation["best"]) chosen = validation;
  }
  const std::string file = (folder / "scan/model.pth.tar").string();
  for (const std::string& words :
       {"eval --model scan" + out, "eval " + images().string() + " --model " + file}) {
    SCOPED_TRACE(words);
    const Outcome outcome = run(words + " --json - --quiet");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const json result = json::parse(outcome.out);
    EXPECT_EQ(result["head"], chosen["head"]);
    ASSERT_EQ(result["heads"].size(), 3u);
    for (size_t h = 0; h < 3; ++h) {
      for (const char* key : {"entropy", "consistency", "total"}) {
        EXPECT_NEAR(result["heads"][h][key], chosen["heads"][h][key], 1e-5) << key;
      }
    }
    EXPECT_EQ(json::parse(read_file(folder / "scan/metrics.json")), result);
  }
  EXPECT_THAT(run("eval --model scan" + out).out, HasSubstr("consistency"));
  const auto measured = [&](const fs::path& folder_of_images) {
    return json::parse(
        run("eval " + folder_of_images.string() + " --quiet --json - --model " + file).out)["data"];
  };
  fs::path some;  // of the images
  for (const auto& entry : fs::directory_iterator(images())) {
    if (entry.is_directory()) some = entry.path();
  }
  EXPECT_NE(measured(images()), measured(some));
}

TEST(Results, ARunThatWasMovedFindsItsOwnBackbone) {
  const fs::path before = copy_of(backbone(), "before_moving");
  ASSERT_EQ(run("mine --mined-neighbors 5 --out " + before.string()).code, 0);
  const fs::path after = scratch() / "after_moving";
  fs::rename(before, after);
  const Outcome outcome = run("mine --mined-neighbors 5 --out " + after.string());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

// What `cluster` trained for itself is the run's own, too.
TEST(Results, ARunOfClusterThatWasMovedFindsItsOwnBackbone) {
  const fs::path before = new_folder("before_moving") / "run", after = scratch() / "after_moving";
  const Outcome made = run("cluster " + images().string() + " --clusters 3 --effort standard" +
                           " --backbone " + backbone().string() + " --out " + before.string());
  ASSERT_EQ(made.code, 0) << made.err;
  fs::remove_all(after);
  fs::rename(before, after);
  for (const char* command : {"eval", "report", "mine --force"}) {
    const Outcome outcome = run(std::string(command) + " --out " + after.string());
    EXPECT_EQ(outcome.code, 0) << command << ": " << outcome.err;
  }
}

TEST(Results, EvalSavesFeaturesAndProbabilities) {
  const fs::path folder = new_folder("saved");
  const Outcome outcome =
      run("eval --out " + clustered().string() + " --save-features " + (folder / "f.npy").string() +
          " --save-probabilities " + (folder / "p.npy").string());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("precision"));
  EXPECT_EQ(read_npy_float(folder / "f.npy").columns, 64);  // width 8
  const Matrix<float> probabilities = read_npy_float(folder / "p.npy");
  ASSERT_EQ(probabilities.rows, 24);
  EXPECT_NEAR(probabilities.at(0, 0) + probabilities.at(0, 1) + probabilities.at(0, 2), 1, 1e-5);
}

TEST(Results, MetricsHaveOneObjectPerEpoch) {
  std::istringstream lines(read_file(clustered() / "scan/metrics.jsonl"));
  int epoch = 0;
  for (std::string line; std::getline(lines, line);) {
    const json record = json::parse(line);
    EXPECT_EQ(record["epoch"], ++epoch);
    EXPECT_EQ(record["stage"], "scan");
    for (const char* key : {"loss", "consistency", "entropy", "lr", "images_per_second", "seconds",
                            "seconds_waited", "validation"}) {
      EXPECT_TRUE(record.contains(key)) << key;
    }
  }
  EXPECT_EQ(epoch, 2);
  EXPECT_THAT(read_file(clustered() / "selflabel/metrics.jsonl"), HasSubstr("\"kept_fraction\""));
}

// With the peers' environment in place (make peers), TensorBoard's own reader opens the events.
TEST(Results, TensorBoardReadsTheEvents) {
  const char* chosen = std::getenv("NOLABEL_PEERS_PYTHON");
  const fs::path python = chosen ? chosen : NOLABEL_SOURCE "/.peers/bin/python";
  if (!fs::exists(python)) GTEST_SKIP() << "without the peers' environment";
  std::istringstream lines(read_file(clustered() / "scan/metrics.jsonl"));
  std::string command = python.string() + " " NOLABEL_SOURCE "/tools/check_tensorboard.py " +
                        (clustered() / "scan").string();
  for (std::string line; std::getline(lines, line);) {
    const json record = json::parse(line);
    for (const char* part : {"loss", "entropy"}) {
      command +=
          format(" {}={}:{:.9g}", part, record["epoch"].get<int>(), record[part].get<double>());
    }
    command += format(" validation/total={}:{:.9g}", record["epoch"].get<int>(),
                      record["validation"]["total"].get<double>());
  }
  EXPECT_EQ(std::system((command + " > " + (scratch() / "tensorboard.txt").string()).c_str()), 0)
      << read_file(scratch() / "tensorboard.txt");
}

TEST(Results, JsonAloneOnStandardOutput) {
  const Outcome outcome = run("predict " + clustered().string() + " " + images().string() +
                              " --json - --out " + (scratch() / "predicted.csv").string());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out)["images"], 24);
  expect_failure("predict " + clustered().string() + " " + images().string() + " --json -", 2,
                 "--out must name a file");
}

TEST(Results, QuietSaysNothing) {
  const Outcome outcome = run("predict " + clustered().string() + " " + images().string() +
                              " --quiet --out " + (scratch() / "quiet.csv").string());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
}

// A text file that claims to be a photo, and a photo whose name is an attack.
TEST(Results, OddFilesInAFolder) {
  const fs::path folder = new_folder("odd");
  write_images(folder, 1, 6);
  write_file(folder / "class0/text.jpg", "hello");
  fs::copy_file(folder / "class0/0.ppm", folder / "class0" / odd_name);
  const fs::path out = scratch() / "odd_run";
  const std::string flags = " --out " + out.string();
  const Outcome mined = run("mine " + folder.string() + flags + " --backbone " +
                            backbone().string() + " --mined-neighbors 3");
  ASSERT_EQ(mined.code, 0) << mined.err;
  EXPECT_THAT(mined.err, HasSubstr("warning: 1 of 8 files could not be used as images"));
  EXPECT_THAT(mined.err, HasSubstr("1 images are near-duplicates of other images"));
  const auto copies = read_csv(out / "duplicates.csv");
  ASSERT_EQ(copies.size(), 3u);
  EXPECT_THAT(copies[1].fields, testing::ElementsAre("0", testing::_));
  EXPECT_THAT((std::set{copies[1].fields[1], copies[2].fields[1]}),
              testing::UnorderedElementsAre("class0/0.ppm", std::string("class0/") + odd_name));
  const auto skipped = read_csv(out / "skipped.csv");
  ASSERT_EQ(skipped.size(), 2u);
  EXPECT_EQ(skipped[1].fields[0], "class0/text.jpg");

  ASSERT_EQ(run("scan --num-classes 2 --epochs 1 --num-neighbors 3" + flags).code, 0);
  ASSERT_EQ(run("report" + flags).code, 0);
  EXPECT_THAT(read_file(out / "report.html"), Not(HasSubstr("<img src=x onerror")));
  const auto rows = read_csv(out / "assignments.csv");
  EXPECT_THAT(rows[0].fields, testing::ElementsAre("path", "cluster", "confidence", "runner_up",
                                                   "runner_up_confidence", "label", "status"));
  ASSERT_EQ(rows.size(), 8u);
  EXPECT_EQ(rows[1].fields[0], std::string("class0/") + odd_name);  // bytewise order
}

// A folder and a file whose names are bytes, not UTF-8.
TEST(Results, NamesThatAreNotText) {
  const fs::path folder = new_folder("by\xFFtes");
  write_images(folder, 2, 6);
  fs::rename(folder / "class0/0.ppm", folder / "class0/\xFE.ppm");
  const fs::path out = scratch() / "bytes_run";
  const Outcome outcome = run("cluster '" + folder.string() + "' --clusters 2 --out " +
                              out.string() + " --backbone " + backbone().string());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(read_csv(out / "assignments.csv").size(), 13u);
  const Outcome again = run("report --out " + out.string());  // finds the images by run.json
  EXPECT_EQ(again.code, 0) << again.err;
}

// As the published program leaves a run: no run.json, no statements beside its files.
TEST(Results, RunsWithoutStatements) {
  const fs::path folder = copy_of(clustered(), "published_run");
  fs::remove(folder / "run.json");
  std::vector<fs::path> statements;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".json") statements.push_back(entry.path());
  }
  for (const fs::path& statement : statements) fs::remove(statement);
  fs::remove_all(folder / "features");
  const std::string size = " --image-size 16";
  const Outcome predicted = run("predict " + folder.string() + " " + images().string() + size);
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(parse_csv(predicted.out, "stdout").size(), 25u);
  const Outcome evaluated = run("eval " + images().string() + " --json - --quiet --out " +
                                folder.string() + " --backbone " + backbone().string() + size);
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_EQ(json::parse(evaluated.out)["images"], 24);
  const std::string given =
      images().string() + " --out " + folder.string() + " --backbone " + backbone().string() + size;
  expect_failure("report --out " + folder.string(), 2, "DATA is required");
  const Outcome reported = run("report " + given);
  EXPECT_EQ(reported.code, 0) << reported.err;
  const Outcome trained = run("selflabel --force --epochs 1 --batch-size 8 " + given);
  EXPECT_EQ(trained.code, 0) << trained.err;
}

// The label-free figures of `eval` are those of the summary that `cluster` printed.
TEST(Results, EvalAgreesWithTheSummary) {
  const std::string out = " --out " + (scratch() / "summary_run").string();
  const Outcome clustered = run("cluster " + images().string() + " --clusters 3 --json - --quiet" +
                                out + " --backbone " + backbone().string());
  ASSERT_EQ(clustered.code, 0) << clustered.err;
  const json summary = json::parse(clustered.out)["train"][0];
  const Outcome evaluated = run("eval --quiet --json -" + out);
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  const json figures = json::parse(evaluated.out);
  for (const char* key : {"silhouette", "neighbor_agreement", "mean_confidence", "ACC", "NMI"}) {
    ASSERT_TRUE(summary.contains(key)) << key << summary;
    EXPECT_NEAR(figures[key].get<double>(), summary[key].get<double>(), 1e-6) << key;
  }
}

TEST(Results, PredictSkipsWhatIsNoImage) {
  const fs::path folder = new_folder("mixed");
  write_images(folder, 1, 2);
  write_file(folder / "bad.png", "hello");
  const std::string command = "predict " + clustered().string() + " " + folder.string();
  const Outcome outcome = run(command + " --format jsonl");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("warning: skipped bad.png"));
  std::istringstream lines(outcome.out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json object = json::parse(line);
    for (const char* key : {"path", "cluster", "confidence", "runner_up", "runner_up_confidence"}) {
      EXPECT_TRUE(object.contains(key)) << key;
    }
  }
  EXPECT_EQ(count, 2);
  expect_failure(command + " --strict", 3, "bad.png");
}

TEST(Results, PredictSortsIntoFolders) {
  const fs::path links = new_folder("links"), copies = new_folder("copies");
  const std::string command = "predict " + clustered().string() + " " + images().string() +
                              " --out " + (scratch() / "sorted.csv").string() + " --sort-into ";
  ASSERT_EQ(run(command + links.string()).code, 0);
  ASSERT_EQ(run(command + copies.string() + " --copy").code, 0);
  const auto rows = read_csv(scratch() / "sorted.csv");
  ASSERT_EQ(rows.size(), 25u);
  int found = 0;
  for (const auto& entry : fs::recursive_directory_iterator(links)) {
    if (entry.is_directory() || entry.path().parent_path() == links) continue;
    EXPECT_TRUE(entry.is_symlink());
    EXPECT_EQ(read_file(entry.path()), read_file(copies / entry.path().lexically_relative(links)));
    ++found;
  }
  EXPECT_EQ(found, 24);  // class0/0.ppm and class1/0.ppm may lie side by side
}

// The photos that were clustered, again with another number of clusters.
TEST(Results, PredictSortsAgain) {
  const fs::path sorted = new_folder("again"), photos = new_folder("again_photos");
  write_images(photos, 2, 4);
  const std::string flags = " --quiet --relative-links --out " +
                            (scratch() / "again.csv").string() + " --sort-into " + sorted.string();
  const std::string predict = "predict " + clustered().string() + " ";
  ASSERT_EQ(run(predict + images().string() + flags).code, 0);
  const auto first = std::ranges::find_if(fs::directory_iterator(sorted), fs::directory_iterator(),
                                          [](const auto& entry) { return entry.is_directory(); });
  const fs::path notes = first->path() / "notes.txt";
  write_file(notes, "the user's");
  ASSERT_EQ(run(predict + photos.string() + flags).code, 0);
  int links = 0;
  for (const auto& entry : fs::recursive_directory_iterator(sorted)) {
    if (!entry.is_symlink()) continue;
    EXPECT_TRUE(fs::read_symlink(entry.path()).is_relative());
    EXPECT_EQ(fs::canonical(entry.path()).parent_path().parent_path(), fs::canonical(photos));
    ++links;
  }
  EXPECT_EQ(links, 8);
  EXPECT_EQ(read_file(notes), "the user's");
}

TEST(Results, NamesOutsideUtf8StayDistinctInJsonLines) {
  const fs::path folder = new_folder("latin1");
  for (const char* name : {"\xe9.ppm", "\xe8.ppm"}) {
    fs::copy_file(images() / "class0/0.ppm", folder / name);
  }
  const Outcome outcome =
      run("predict " + clustered().string() + " " + folder.string() + " --format jsonl");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr(R"("path":"bytes:%E8.ppm")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("path":"bytes:%E9.ppm")"));
}

TEST(Results, StagesTakeFeatures) {
  const std::string out = " --out " + new_folder("feature_run").string();
  const Outcome mined = run("mine --json -" + feature_flags() + out);
  ASSERT_EQ(mined.code, 0) << mined.err;
  EXPECT_GT(json::parse(mined.out)["neighbor_accuracy"]["1"], 0.99);
  const Outcome scanned =
      run("scan --num-classes 3 --epochs 4 --batch-size 100 "
          "--optimizer-kwargs.lr 0.01" +
          out);
  ASSERT_EQ(scanned.code, 0) << scanned.err;
  const Outcome evaluated = run("eval --quiet --json -" + out);
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_GT(json::parse(evaluated.out)["ACC"], 0.9);
}

// Whatever the scale and the mean of somebody's features: each stage by itself finds their groups.
TEST(Results, StagesDoNotDependOnTheScaleOfFeatures) {
  const fs::path folder = new_folder("scaled_features");
  Matrix<float> features = blobs(3, 60);
  for (float& value : features.values) value = 1e4F * value + 3e5F;
  write_npy(folder / "features.npy", features);
  std::string names = "path,label\n";
  for (int64_t i = 0; i < features.rows; ++i) names += format("{}.jpg,{}\n", i, i / 60);
  write_file(folder / "names.csv", names);
  const std::string out = " --out " + (folder / "run").string();
  const Outcome mined = run("mine --features " + (folder / "features.npy").string() + " --paths " +
                            (folder / "names.csv").string() + out);
  ASSERT_EQ(mined.code, 0) << mined.err;
  const Outcome scanned =
      run("scan --num-classes 3 --epochs 40 --batch-size 60 --optimizer-kwargs.lr 0.01" + out);
  ASSERT_EQ(scanned.code, 0) << scanned.err;
  const Outcome evaluated = run("eval --quiet --json -" + out);
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_GT(json::parse(evaluated.out)["ACC"], 0.95);
}

// Names that are files, seen from the list: the page shows the pictures, not all of which are
// there.
TEST(Results, ThePageOfFeaturesShowsTheFilesThatTheyAreOf) {
  const fs::path folder = copy_of(images(), "pictures_of_features");
  write_npy(folder / "features.npy", blobs(3, 8));
  std::string names = "path\n";
  for (int c = 0; c < 3; ++c) {
    for (int i = 0; i < 8; ++i) names += format("class{}/{}.ppm\n", c, i == 7 ? 99 : i);
  }
  write_file(folder / "names.csv", names);
  const fs::path out = folder / "run";
  const Outcome outcome =
      run("cluster --clusters 3 --features " + (folder / "features.npy").string() + " --paths " +
          (folder / "names.csv").string() + " --out " + out.string());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string page = read_file(out / "report.html");
  size_t pictures = 0;
  for (size_t at = page.find("\"uri\":\"data:"); at != page.npos;
       at = page.find("\"uri\":\"data:", at + 1)) {
    ++pictures;
  }
  EXPECT_GE(pictures, 21u);
  EXPECT_THAT(page, HasSubstr("../class0/0.ppm"));
}

TEST(Results, ClusterTakesFeatures) {
  const fs::path folder = new_folder("feature_cluster");
  const Outcome outcome =
      run("cluster --clusters 3 --json -" + feature_flags() + "--out " + folder.string());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json result = json::parse(outcome.out);
  EXPECT_EQ(result["images"], 900);
  EXPECT_GT(result["train"][0]["ACC"], 0.9);
  EXPECT_EQ(result["train"].back()["method"], "k-means");
  const auto rows = read_csv(folder / "assignments.csv");
  EXPECT_EQ(rows[1].fields[0], "row0.jpg");
  EXPECT_EQ(rows[900].fields[5], "blob2");
  EXPECT_TRUE(fs::exists(folder / "report.html"));
  const Outcome predicted = run("predict " + folder.string() + " " + images().string());
  EXPECT_EQ(predicted.code, 2);
  EXPECT_THAT(predicted.err, HasSubstr("was made from features"));
}

TEST(Results, ApproximateSearchSaysItsRecallAlsoWhenKept) {
  const fs::path folder = new_folder("approximate");
  const std::string command =
      "mine --quiet --json - --search ivf --out " + folder.string() + " " + feature_flags();
  const Outcome first = run(command), kept = run(command);
  ASSERT_EQ(first.code, 0) << first.err;
  const double recall = json::parse(first.out).at("recall");
  EXPECT_GT(recall, 0.9);
  EXPECT_LE(recall, 1);
  EXPECT_EQ(json::parse(kept.out).at("recall"), recall);
  const json sidecar = json::parse(read_file(folder / "pretext" / "topk-train-neighbors.npy.json"));
  const json settings = {{"neighbors", 20},
                         {"search", "ivf"},
                         {"search_recall", 0.95},
                         {"ivf_lists", 60},
                         {"feature_normalization", "center"}};
  EXPECT_EQ(sidecar["made_from"]["settings"], settings);
  EXPECT_EQ(sidecar["made_with"]["recall"], recall);
  // Another recall is another table.
  const Outcome other = run(command + " --search-recall 0.8");
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("search_recall was 0.95, is 0.8"));
}

TEST(Results, NumbersOfAnotherSearchAreRefused) {
  const std::string out = " --out " + new_folder("other_search").string() + " " + feature_flags();
  const Outcome mined = run("mine --ivf-lists 5" + out);
  EXPECT_EQ(mined.code, 2);
  EXPECT_THAT(mined.err,
              HasSubstr("ivf_lists can be set only with search ivf. Received search exact."));
  const Outcome clustered = run("cluster --clusters 3 --search ivf --hnsw-links 5" + out);
  EXPECT_EQ(clustered.code, 2);
  EXPECT_THAT(clustered.err, HasSubstr("hnsw_links can be set only with search hnsw."));
  const Outcome recalled = run("mine --search-recall 0.99" + out);
  EXPECT_EQ(recalled.code, 2);
  EXPECT_THAT(recalled.err, HasSubstr("search_recall can be set only with search ivf or hnsw."));
}

}  // namespace
}  // namespace nolabel
