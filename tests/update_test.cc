// `nolabel update`: images come, move and go, and what nolabel and a person have settled stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <map>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

constexpr int kClasses = 3, kPerClass = 12;

// A folder of pictures with a run of it; the two lie beside each other.
struct Collection {
  fs::path home, photos, run;

  explicit Collection(const std::string& name)
      : home(new_folder(name)), photos(home / "photos"), run(home / "run") {
    write_images(photos, kClasses, kPerClass);
    result_of(format("cluster '{}' --clusters 3 --backbone '{}' --labels none --out '{}'",
                     photos.string(), backbone().string(), run.string()));
  }

  json update(const std::string& more = "") const {
    return result_of(format("update '{}' {}", run.string(), more));
  }
  void expect_refused(const std::string& more, const std::string& message) const {
    expect_failure(format("update '{}' {}", run.string(), more), 2, message);
  }
  std::map<std::string, std::string> clusters() const {
    std::map<std::string, std::string> clusters;
    const auto rows = read_csv(run / "assignments.csv");
    for (size_t i = 1; i < rows.size(); ++i) clusters[rows[i].fields[0]] = rows[i].fields[1];
    return clusters;
  }
};

// Further pictures of the same kinds, in `folder`.
void add_images(const fs::path& folder, int per_class) {
  write_images(folder, kClasses, per_class, 55);
}

int64_t rows_in_cache() {
  int64_t sum = 0;
  for (const json& file : result_of("cache list").at("files")) {
    sum += file.at("rows").get<int64_t>();
  }
  return sum;
}

TEST(Update, TakesNewMovedChangedAndGoneImagesIn) {
  const Collection collection("update_all");
  const auto before = collection.clusters();
  add_images(collection.photos / "later", 2);
  fs::rename(collection.photos / "class0/0.ppm", collection.photos / "first.ppm");
  fs::remove(collection.photos / "class1/1.ppm");
  fs::copy_file(collection.photos / "class2/3.ppm", collection.photos / "copy.ppm");
  // Another picture of the first kind takes the place of one of the third.
  fs::copy_file(collection.photos / "later/class0/1.ppm", collection.photos / "class2/7.ppm",
                fs::copy_options::overwrite_existing);
  const json result = collection.update();
  EXPECT_EQ(result["images"], kClasses * kPerClass + 6 - 1 + 1);
  EXPECT_EQ(result["new"], 7);
  EXPECT_EQ(result["moved"], 1);
  EXPECT_EQ(result["gone"], 1);
  EXPECT_EQ(result["changed"], 1);
  EXPECT_EQ(result["duplicates_of_known"], 1);
  EXPECT_EQ(result["drift"]["images"], 6);  // the changed one is a copy of a new one
  EXPECT_EQ(result["reassigned"], 0);

  const auto after = collection.clusters();
  EXPECT_EQ(after.size(), static_cast<size_t>(kClasses * kPerClass + 6));
  for (const auto& [name, cluster] : before) {
    if (name == "class1/1.ppm") {
      EXPECT_FALSE(after.contains(name));
    } else if (name == "class2/7.ppm") {
      EXPECT_EQ(after.at(name), before.at("class0/5.ppm"));
    } else {
      EXPECT_EQ(after.at(name == "class0/0.ppm" ? "first.ppm" : name), cluster) << name;
    }
  }
  EXPECT_EQ(after.at("copy.ppm"), before.at("class2/3.ppm"));
  for (int c = 0; c < kClasses; ++c) {
    EXPECT_EQ(after.at(format("later/class{}/0.ppm", c)), before.at(format("class{}/5.ppm", c)));
  }
  std::map<std::string, std::string> kinds;
  for (const CsvRow& row : read_csv(collection.run / "changes.csv")) {
    kinds[row.fields[0]] = row.fields[1] + row.fields[2];
  }
  EXPECT_EQ(kinds.size(), 1u + 10);
  EXPECT_EQ(kinds["class2/7.ppm"], "changed");
  EXPECT_EQ(kinds["first.ppm"], "movedclass0/0.ppm");
  EXPECT_EQ(kinds["class1/1.ppm"], "gone");
  EXPECT_EQ(kinds["copy.ppm"], "new");

  // The run is whole: the report, another number of clusters, nothing new.
  const json none = collection.update();
  EXPECT_EQ(none["new"], 0);
  EXPECT_EQ(none["reassigned"], 0);
  EXPECT_EQ(collection.clusters(), after);
  EXPECT_EQ(run(format("report --out '{}'", collection.run.string())).code, 0);
  EXPECT_EQ(collection.clusters(), after);
  expect_failure(format("cluster --clusters 3 --out '{}'", collection.run.string()), 2,
                 "--retrain");
  EXPECT_EQ(result_of(format("cluster '{}' --clusters 2", collection.run.string()))["clusters"], 2);
}

TEST(Update, APersonsEditsAndNamesStay) {
  const Collection collection("update_edits");
  const auto before = collection.clusters();
  const std::string first = before.at("class0/0.ppm"), other = before.at("class1/0.ppm");
  write_file(
      collection.home / "edits.json",
      format(R"({{"names": {{"{}": "stripes"}}, "move": [{{"path": "class0/2.ppm", "to": {}}}]}})",
             first, other));
  ASSERT_EQ(run(format("apply '{}' '{}'", collection.run.string(),
                       (collection.home / "edits.json").string()))
                .code,
            0);
  add_images(collection.photos / "later", 2);
  fs::rename(collection.photos / "class0/2.ppm", collection.photos / "moved.ppm");
  for (const char* more : {"", "--retrain"}) {
    SCOPED_TRACE(more);
    const json result = collection.update(more);
    EXPECT_EQ(result["final"], "edited");
    const auto after = collection.clusters();
    EXPECT_EQ(after.at("moved.ppm"), other);
    EXPECT_EQ(after.at("class0/0.ppm"), first);
    EXPECT_EQ(after.at("later/class0/0.ppm"), first);
    EXPECT_THAT(result["identities"].dump(), HasSubstr("stripes"));
  }
  EXPECT_THAT(run(format("edits '{}'", collection.run.string())).out,
              HasSubstr("moved 1 image to cluster " + other));
}

TEST(Update, EmbedsOnlyWhatIsNewAndRetrainsWithoutEmbedding) {
  const fs::path cache = new_folder("update_cache");
  ::setenv("NOLABEL_CACHE", cache.c_str(), 1);
  const Collection collection("update_retrain");
  const auto before = collection.clusters();
  const int64_t embedded = rows_in_cache(), per_image = embedded / (kClasses * kPerClass);
  add_images(collection.photos / "later", 6);
  EXPECT_EQ(collection.update()["new"], 18);
  EXPECT_EQ(rows_in_cache(), embedded + 18 * per_image);
  collection.update("--retrain");
  EXPECT_EQ(rows_in_cache(), embedded + 18 * per_image);
  ::unsetenv("NOLABEL_CACHE");
  for (const auto& [name, cluster] : before) {
    EXPECT_EQ(collection.clusters().at(name), cluster) << name;
  }
  // Now the clusters are those of all images.
  EXPECT_EQ(run(format("cluster --clusters 3 --out '{}'", collection.run.string())).code, 0);
}

// What an update finds out about the clusters stands in the report, too, until the run is
// clustered.
TEST(Update, TheReportWarnsOfImagesThatDoNotFit) {
  const Collection collection("update_strangers");
  const fs::path others = collection.home / "others";
  write_images(others, 2 * kClasses, kPerClass, 77);
  for (int kind = kClasses; kind < 2 * kClasses; ++kind) {
    const std::string name = format("class{}", kind);
    fs::rename(others / name, collection.photos / name);
  }
  const json result = collection.update();
  const std::string warning = result["warnings"].back();
  EXPECT_THAT(warning, HasSubstr("the clusters may not fit them"));
  const auto is_in_report = [&collection] {
    return read_file(collection.run / "report.html").find("the clusters may not fit") !=
           std::string::npos;
  };
  EXPECT_TRUE(is_in_report());
  EXPECT_EQ(run(format("report --out '{}'", collection.run.string())).code, 0);
  EXPECT_TRUE(is_in_report());
  EXPECT_THAT(collection.update()["warnings"].dump(), HasSubstr("may not fit them"));
  EXPECT_TRUE(is_in_report());
  collection.update("--retrain");
  EXPECT_FALSE(is_in_report());
}

// An estimate is of the images that were there.
TEST(Update, TheRangeOfTheNumberOfClustersFollowsTheImages) {
  const fs::path home = new_folder("update_range"), photos = home / "photos", folder = home / "run";
  write_images(photos, 2, 20);
  const std::string words =
      format("'{}' --backbone '{}' --labels none", photos.string(), backbone().string());
  const json first = result_of(format("cluster {} --out '{}'", words, folder.string()));
  write_images(photos, 8, 20);
  const json estimated = result_of(format("cluster {} --out '{}'", words, (home / "b").string()));
  ASSERT_NE(first["clusters_range"], estimated["clusters_range"]);
  for (const char* more : {"", "--retrain"}) {
    const json updated = result_of(format("update '{}' {}", folder.string(), more));
    EXPECT_EQ(updated["clusters"], first["clusters"]);
    EXPECT_EQ(updated["clusters_range"], estimated["clusters_range"]);
    EXPECT_THAT(updated["warnings"].dump(), HasSubstr("groups fit these images"));
    EXPECT_THAT(read_file(folder / "report.html"), HasSubstr("estimate for earlier images"));
  }
}

// The run's own features serve where the cache of the machine holds nothing, or is off.
TEST(Update, EmbedsOnlyWhatIsNewWithoutACache) {
  const fs::path cache = new_folder("update_pruned");
  ::setenv("NOLABEL_CACHE", cache.c_str(), 1);
  const Collection collection("update_without_cache");
  const int64_t per_image = rows_in_cache() / (kClasses * kPerClass);
  const fs::path other = collection.home / "other";  // the same run, with the cache
  fs::copy(collection.run, other, fs::copy_options::recursive);
  add_images(collection.photos / "later", 1);
  const auto clusters_of = [](const fs::path& run) { return read_file(run / "assignments.csv"); };
  result_of(format("update '{}'", other.string()));
  const Matrix<float> cached = read_npy_float(other / "features/train.npy");

  result_of("cache prune");
  EXPECT_EQ(collection.update()["new"], kClasses);
  EXPECT_EQ(rows_in_cache(), kClasses * per_image);
  EXPECT_EQ(clusters_of(collection.run), clusters_of(other));
  const Matrix<float> own = read_npy_float(collection.run / "features/train.npy");
  ASSERT_EQ(own.values.size(), cached.values.size());
  for (size_t i = 0; i < own.values.size(); ++i) EXPECT_NEAR(own.values[i], cached.values[i], 1e-4);

  result_of("cache prune");
  EXPECT_EQ(collection.update("--retrain")["new"], 0);
  EXPECT_EQ(rows_in_cache(), 0);

  // What the run holds is taken as it is: a value of a known image that says where it comes from.
  const fs::path features = collection.run / "features/train.npy";
  Matrix<float> marked = own;
  marked.at(0, 0) += 0.001f;
  write_npy(features, marked);
  write_images(collection.photos / "latest", 1, 1, 77);
  EXPECT_EQ(collection.update("--feature-cache 0")["new"], 1);
  EXPECT_EQ(rows_in_cache(), 0);
  const Matrix<float> again = read_npy_float(features);
  EXPECT_EQ(again.rows, own.rows + 1);
  EXPECT_EQ(again.at(0, 0), marked.at(0, 0));
  ::unsetenv("NOLABEL_CACHE");
}

TEST(Update, FurtherFoldersBelongToTheRunFromThenOn) {
  const Collection collection("update_folders");
  const fs::path more = collection.home / "more";
  add_images(more, 1);
  const json result = collection.update("'" + more.string() + "'");
  EXPECT_EQ(result["new"], 3);
  EXPECT_EQ(result["moved"], 0);  // names have changed, places have not
  EXPECT_EQ(collection.update()["images"], kClasses * kPerClass + 3);

  const fs::path elsewhere = collection.home / "elsewhere";
  fs::rename(more, elsewhere);
  collection.expect_refused("", "--replace");
  const json replaced = collection.update(
      format("'{}' '{}' --replace", collection.photos.string(), elsewhere.string()));
  EXPECT_EQ(replaced["moved"], 3);
  EXPECT_EQ(replaced["new"], 0);
}

// What an interrupted update has found is told by the one that completes it.
TEST(Update, ThatWasInterruptedGoesOn) {
  const Collection collection("update_interrupted");
  const auto before = collection.clusters();
  add_images(collection.photos / "later", 2);
  {
    Program program(format("update '{}'", collection.run.string()));
    ASSERT_TRUE(
        program.wait_until([&] { return fs::exists(collection.run / "images-before.csv"); }));
    program.send(SIGKILL);
    program.wait();
  }
  const json result = collection.update();
  EXPECT_EQ(result["new"], 6);
  EXPECT_EQ(result["moved"], 0);
  EXPECT_EQ(read_csv(collection.run / "changes.csv").size(), 1u + 6);
  EXPECT_FALSE(fs::exists(collection.run / "images-before.csv"));
  for (const auto& [name, cluster] : before) {
    EXPECT_EQ(collection.clusters().at(name), cluster) << name;
  }
  // Where the run is clustered instead, there is nothing left to complete.
  fs::copy_file(collection.run / "images.csv", collection.run / "images-before.csv");
  result_of(format("cluster --clusters 3 --force --out '{}'", collection.run.string()));
  EXPECT_FALSE(fs::exists(collection.run / "images-before.csv"));
}

TEST(Update, RefusesToForgetAWholeFolder) {
  const Collection collection("update_empty");
  const fs::path more = collection.home / "more", wrong = collection.home / "wrong";
  add_images(more, 1);
  collection.update("'" + more.string() + "'");
  fs::rename(more, collection.home / "aside");
  fs::create_directories(more);  // as the place of a disk that is not connected
  collection.expect_refused("", "holds no image any more");
  add_images(wrong, 1);
  write_images(wrong, 1, 4, 99);
  fs::remove_all(wrong / "class1");
  fs::remove_all(wrong / "class2");
  collection.expect_refused(format("'{}' --replace", wrong.string()),
                            "None of the 4 images there belongs to");
  EXPECT_EQ(collection.update(format("'{}' --replace", collection.photos.string()))["gone"], 3);
  // Fewer images than clusters.
  for (int c = 1; c < kClasses; ++c) {
    fs::remove_all(collection.photos / format("class{}", c));
  }
  for (int i = 2; i < kPerClass; ++i) {
    fs::remove(collection.photos / format("class0/{}.ppm", i));
  }
  collection.expect_refused("", "clusters");
}

TEST(Update, AnUnchangedRunStaysAsItIs) {
  const Collection collection("update_unchanged");
  EXPECT_EQ(collection.update()["new"], 0);
  EXPECT_EQ(run(format("cluster --clusters 3 --out '{}'", collection.run.string())).code, 0);
}

TEST(Update, RefusesWhatItCannotKeepUp) {
  expect_failure("update '" + images().string() + "'", 2, "RUN must be a run directory");
  expect_failure("update '" + clustered().string() + "'", 2, "nolabel cluster");
  const fs::path features = scratch() / "update_features";
  result_of(format("cluster {} --clusters 3 --out '{}'", feature_flags(), features.string()));
  expect_failure("update '" + features.string() + "'", 2, "--features");
  // Images of a test folder do not become training images unasked.
  const fs::path home = new_folder("update_split"), split_run = home / "run";
  write_images(home / "photos/train", 2, 6);
  write_images(home / "photos/test", 2, 3, 5);
  write_images(home / "more", 2, 2, 6);
  result_of(format("cluster '{}' --clusters 2 --backbone '{}' --out '{}'",
                   (home / "photos").string(), backbone().string(), split_run.string()));
  expect_failure(format("update '{}' '{}'", split_run.string(), (home / "more").string()), 2,
                 "test images train");
  write_images(home / "photos/test", 2, 4, 5);
  EXPECT_EQ(result_of(format("update '{}'", split_run.string()))["new"], 2);
}

}  // namespace
}  // namespace nolabel
