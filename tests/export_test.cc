// The result of a run in the forms of other programs, with a person's edits in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/base/path_text.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

const std::string hostile[] = {"-rf.ppm", "new\nline.ppm", "quote'\",;.ppm", "\xe9\xff.ppm"};

// A run on images of hostile names, of which one is a copy, one is junk, and the clusters have
// names that are no names of folders.
const fs::path& exported_run() {
  static const fs::path folder = [] {
    const fs::path photos = new_folder("export_photos"), made = scratch() / "export_run";
    fs::copy(images(), photos, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    for (size_t i = 0; i < std::size(hostile); ++i) {
      fs::rename(photos / format("class0/{}.ppm", i), photos / "class0" / hostile[i]);
    }
    fs::copy(photos / "class1/0.ppm", photos / "class1/copy.ppm");
    result_of("cluster " + photos.string() + " --clusters 3 --method consensus --backbone " +
              backbone().string() + " --out " + made.string());
    write_file(scratch() / "export_edits.json",
               R"({"names": {"0": "..", "1": "a/b"}, "junk": ["class2/7.ppm"]})");
    result_of("apply " + made.string() + " " + (scratch() / "export_edits.json").string());
    return made;
  }();
  return folder;
}

std::string export_words(const fs::path& run, const fs::path& out, const std::string& format) {
  return "export " + run.string() + " " + out.string() + " --format " + format;
}

// Files and links below a folder, without nolabel's own at its top.
std::set<std::string> exported_places(const fs::path& folder) {
  std::set<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string place = entry.path().lexically_relative(folder).string();
    if (!entry.is_directory() && !place.starts_with(".nolabel")) all.insert(place);
  }
  return all;
}

std::string in_folder(const json& clusters, int id) {
  for (const json& cluster : clusters) {
    if (cluster["id"] == id) return cluster.value("folder", "");
  }
  return "";
}

TEST(Export, FoldersFollowTheAssignments) {
  const fs::path out = scratch() / "export_folders";
  const json outcome = result_of(export_words(exported_run(), out, "folders"));
  EXPECT_EQ(outcome["left_out"], (json{{"junk", 1}, {"duplicates", 0}, {"missing", 0}}));
  EXPECT_EQ(in_folder(outcome["clusters"], 0), "0");  // ".." is no name for a folder
  EXPECT_EQ(in_folder(outcome["clusters"], 1), "a-b");
  const auto rows = read_csv(exported_run() / "assignments.csv");
  const std::set<std::string> places = exported_places(out);
  EXPECT_EQ(places.size(), rows.size() - 2);
  std::set<fs::path> targets;
  for (const std::string& place : places) targets.insert(fs::read_symlink(out / place));
  for (size_t i = 1; i < rows.size(); ++i) {
    const fs::path file = scratch() / "export_photos" / rows[i].fields[0];
    EXPECT_EQ(targets.contains(file), rows[i].fields[0] != "class2/7.ppm") << file;
  }
  const Outcome again = nolabel::run(export_words(exported_run(), out, "folders"));
  EXPECT_THAT(again.out, HasSubstr(format("(0 added, {} unchanged)", places.size())));
  EXPECT_EQ(exported_places(out), places);
}

TEST(Export, ARenameReplacesTheFolder) {
  const fs::path run = copy_of(exported_run(), "export_renamed"), out = scratch() / "export_copies";
  result_of(export_words(run, out, "folders --copy --junk"));
  ASSERT_TRUE(fs::exists(out / "a-b"));
  const size_t before = exported_places(out).size();
  write_file(scratch() / "export_name.json", R"({"names": {"1": "zebra"}})");
  result_of("apply " + run.string() + " " + (scratch() / "export_name.json").string());
  result_of(export_words(run, out, "folders --copy --junk --duplicates skip"));
  EXPECT_FALSE(fs::exists(out / "a-b"));
  EXPECT_TRUE(fs::exists(out / "zebra"));
  EXPECT_FALSE(fs::is_symlink(out / "junk/7.ppm"));
  EXPECT_EQ(read_file(out / "junk/7.ppm"), read_file(images() / "class2/7.ppm"));
  EXPECT_EQ(exported_places(out).size(), before - 1);
}

TEST(Export, TablesHaveEveryImageUnderItsName) {
  const fs::path csv = scratch() / "export.csv", lines = scratch() / "export.jsonl",
                 coco = scratch() / "export.json";
  for (int time = 0; time < 2; ++time) {
    result_of(export_words(exported_run(), csv, "csv --junk"));
    result_of(export_words(exported_run(), lines, "jsonl --junk"));
    result_of(export_words(exported_run(), coco, "coco --junk"));
  }
  std::set<std::string> in_csv, in_lines, in_coco;
  for (const CsvRow& row : read_csv(csv)) in_csv.insert(path_to_json(row.fields[0]));
  in_csv.erase("path");
  const Outcome printed = nolabel::run(export_words(exported_run(), "-", "jsonl --junk"));
  EXPECT_EQ(printed.out, read_file(lines));
  for (size_t at = 0, end; (end = printed.out.find('\n', at)) != printed.out.npos; at = end + 1) {
    in_lines.insert(json::parse(printed.out.substr(at, end - at))["path"].get<std::string>());
  }
  const json document = json::parse(read_file(coco));
  for (const json& image : document["images"]) {
    in_coco.insert(image["file_name"].get<std::string>());
    EXPECT_EQ(image["width"], 16);
  }
  EXPECT_EQ(in_csv.size(), 25u);
  for (const std::string& name : hostile) {
    EXPECT_TRUE(in_csv.contains(path_to_json("class0/" + name))) << name;
  }
  EXPECT_EQ(in_lines, in_csv);
  EXPECT_EQ(in_coco, in_csv);
  EXPECT_EQ(document["categories"][0]["name"], "..");
}

TEST(Export, EditsThatTheAssignmentsDoNotFollowAreRefused) {
  const fs::path run = copy_of(exported_run(), "export_stale"), out = scratch() / "stale.csv";
  const std::string older = read_file(run / "assignments.csv"),
                    log = read_file(run / "edit-log.json");
  write_file(scratch() / "export_keep.json", R"({"keep": ["class2/7.ppm"]})");
  result_of("apply " + run.string() + " " + (scratch() / "export_keep.json").string());
  const std::string present = read_file(run / "assignments.csv");
  write_file(run / "assignments.csv", older);  // as a kill before the table leaves it
  expect_failure(export_words(run, out, "csv"), 2, "nolabel apply " + run.string());
  write_file(run / "assignments.csv", present);
  result_of(export_words(run, out, "csv"));
  write_file(run / "edit-log.json", log);  // as a kill of `undo` before the model leaves it
  expect_failure(export_words(run, out, "csv"), 2, "nolabel apply " + run.string());
}

TEST(Export, TorchvisionReadsTheImageFolder) {
  const fs::path run = scratch() / "export_split", out = scratch() / "export_imagefolder";
  result_of("cluster " + images().string() + " --clusters 3 --hold-out 0.4 --method consensus " +
            "--backbone " + backbone().string() + " --out " + run.string());
  result_of(export_words(run, out, "imagefolder --copy"));
  EXPECT_EQ(exported_places(out / "train").size(), read_csv(run / "assignments.csv").size() - 1);
  EXPECT_EQ(exported_places(out / "val").size(),
            read_csv(run / "assignments-validation.csv").size() - 1);
  const char* chosen = std::getenv("NOLABEL_PEERS_PYTHON");
  const fs::path root = NOLABEL_SOURCE;
  const fs::path python = chosen ? fs::path(chosen) : root / ".peers" / "bin" / "python";
  if (!fs::exists(python)) GTEST_SKIP() << "without the peers' environment";
  const fs::path hostile_out = scratch() / "export_hostile";
  const json outcome = result_of(export_words(exported_run(), hostile_out, "imagefolder"));
  for (const auto& [folder, pictures] :
       {std::pair(out / "train", exported_places(out / "train").size()),
        std::pair(out / "val", exported_places(out / "val").size()),
        std::pair(hostile_out, outcome["images"].get<size_t>())}) {
    const std::string script = format(
        "from torchvision.datasets import ImageFolder; d = ImageFolder(\"{}\"); "
        "assert len(d) == {}, len(d); assert all(d[i][0].size == (16, 16) for i in range(len(d)))",
        folder.string(), pictures);
    EXPECT_EQ(std::system(format("'{}' -c '{}'", python.string(), script).c_str()), 0) << folder;
  }
}

}  // namespace
}  // namespace nolabel
