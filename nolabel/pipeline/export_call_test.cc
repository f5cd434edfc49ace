// Exports of runs that are written by hand: what an export reads is run.json, the assignments and
// the pictures.
#include "nolabel/pipeline/export_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/encode.h"
#include "nolabel/report/assignments_csv.h"
#include "nolabel/run/run_state.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class ExportCallTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(photos);
    fs::create_directories(run);
    state.data = {photos};
    state.images.hold_out = 0;
    state.identities = {{0, "cats", ""}, {3, "../a/b", ""}, {5, "junk", ""}, {6, "none", ""}};
    request.run = run.string();
    request.out = out.string();
  }

  void add(const std::string& name, int column, ImageStatus status = ImageStatus::ok,
           const std::string& content = encode_png(Image(2, 3).view())) {
    const fs::path file = photos / name;
    fs::create_directories(file.parent_path());
    write_file(file, content);
    list(name, column, status);
  }

  void list(const std::string& name, int column, ImageStatus status = ImageStatus::ok) {
    table.names.push_back(name);
    table.assignments.push_back({column, 0.9f, column == 0 ? 1 : 0, 0.1f});
    table.statuses.push_back(status);
  }

  ExportOutcome export_now() {
    write_run_state(run, state);
    table.identities = state.identities;
    write_file(run / "assignments.csv", assignments_csv(table));
    Observer observer;
    observer.log = [this](Severity severity, const std::string& text) {
      if (severity == Severity::warning) warnings.push_back(text);
    };
    SettingTables tables;
    return export_run(tables, request, observer);
  }

  std::string complaint(Fault fault) {
    try {
      export_now();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      return error.what();
    }
    return "no error";
  }

  std::set<std::string> places() const {
    std::set<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(out)) {
      const std::string place = entry.path().lexically_relative(out).string();
      if (!entry.is_directory() && !place.starts_with('.')) all.insert(place);
    }
    return all;
  }

  TemporaryDirectory root;
  const fs::path photos = root.path() / "photos", run = root.path() / "run",
                 out = root.path() / "out";
  RunState state;
  AssignmentTable table;
  ExportRequest request;
  std::vector<std::string> warnings;
};

TEST_F(ExportCallTest, FoldersHaveTheNamesOfTheirClusters) {
  add("a/cat.jpg", 0);
  add("b/cat.jpg", 0, ImageStatus::duplicate);
  add("slash.jpg", 1);
  add("j.jpg", 2);
  add("away.jpg", 0, ImageStatus::junk);
  const ExportOutcome outcome = export_now();
  EXPECT_THAT(places(),
              ElementsAre("-a-b/slash.jpg", "cats/cat-2.jpg", "cats/cat.jpg", "junk/j.jpg"));
  EXPECT_EQ(fs::read_symlink(out / "cats/cat.jpg"), photos / "a/cat.jpg");
  EXPECT_EQ(outcome.images, 4);
  EXPECT_EQ(outcome.junk, 1);
  EXPECT_EQ(outcome.clusters[0].images, 2);
  EXPECT_EQ(outcome.clusters[3].images, 0);

  request.junk = true;
  request.duplicates = ExportedDuplicates::skip;
  request.relative_links = true;
  EXPECT_EQ(export_now().duplicates, 1);
  EXPECT_THAT(places(),
              ElementsAre("-a-b/slash.jpg", "cats/cat.jpg", "junk (5)/j.jpg", "junk/away.jpg"));
  EXPECT_EQ(fs::read_symlink(out / "cats/cat.jpg"), "../../photos/a/cat.jpg");
}

TEST_F(ExportCallTest, ARenamedClusterLeavesNoOldFolder) {
  add("cat.jpg", 0);
  request.copy = true;
  export_now();
  write_file(out / "cats/mine.txt", "the user's");
  state.identities[0].name = "lions";
  const ExportOutcome outcome = export_now();
  EXPECT_EQ(outcome.sorted->removed, 1);
  EXPECT_THAT(places(), ElementsAre("cats/mine.txt", "lions/cat.jpg"));
  fs::remove(out / "cats/mine.txt");
  fs::remove(out / "cats");
  state.identities[0].name = "tigers";
  export_now();
  EXPECT_THAT(places(), ElementsAre("tigers/cat.jpg"));
  EXPECT_FALSE(fs::exists(out / "lions"));
  EXPECT_EQ(export_now().sorted->same, 1);
}

TEST_F(ExportCallTest, ImageFolderHoldsOnlyWhatTorchvisionTakes) {
  const std::string jpeg = encode_jpeg(Image(2, 3).view());
  add("a.jfif", 0, ImageStatus::ok, jpeg);
  add("b.JPG", 0, ImageStatus::ok, jpeg);
  add("c.pnm", 1, ImageStatus::ok, "P5 1 1 255\nx");
  add("d.gif", 1, ImageStatus::ok, std::string("GIF89a") + '\0');
  add("e.jpg", 2, ImageStatus::ok,
      std::string("\0\0\0\x18"
                  "ftypheic",
                  12));
  request.format = ExportFormat::imagefolder;
  const ExportOutcome outcome = export_now();
  EXPECT_THAT(places(), ElementsAre("-a-b/c.ppm", "cats/a.jpg", "cats/b.JPG"));
  EXPECT_EQ(outcome.missing, 2);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr("2 images are left out because torchvision takes no GIF"));
  EXPECT_THAT(warnings[0], HasSubstr("d.gif"));
}

TEST_F(ExportCallTest, CopiesOfOtherFormatsBecomeThoseOfTorchvision) {
  const fs::path golden = fs::path(NOLABEL_TEST_DATA "/../../image/testdata").lexically_normal();
  for (const char* name : {"palette.gif", "orientation6.heic", "rgb.avif"}) {
    add(name, 0, ImageStatus::ok, read_file(golden / name));
  }
  request.format = ExportFormat::imagefolder;
  request.copy = true;
  export_now();
  EXPECT_THAT(places(), ElementsAre("cats/orientation6.jpg", "cats/palette.png", "cats/rgb.jpg"));
  EXPECT_EQ(read_image_size(out / "cats/orientation6.jpg"),
            read_image_size(golden / "orientation6.heic"));
  EXPECT_EQ(read_image(out / "cats/palette.png").pixels, read_image(golden / "palette.gif").pixels);
  EXPECT_EQ(export_now().sorted->same, 3);
}

TEST_F(ExportCallTest, ImageFolderHasSplitsWhereTheRunHas) {
  add("a.png", 0);
  add("b.png", 1);
  add("c.png", 0);
  table.names.pop_back();
  table.assignments.pop_back();
  table.statuses.pop_back();
  write_file(run / "assignments-validation.csv",
             assignments_csv({{"c.png"}, {{0, 1, 1, 0}}, {ImageStatus::ok}, {}, state.identities}));
  request.format = ExportFormat::imagefolder;
  export_now();  // of an earlier clustering: the state has no validation images
  EXPECT_THAT(places(), ElementsAre("-a-b/b.png", "cats/a.png"));
  state.images.hold_out = 0.3;
  export_now();
  EXPECT_THAT(places(), ElementsAre("train/-a-b/b.png", "train/cats/a.png", "val/cats/c.png"));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr("do not hold the same clusters"));
}

TEST_F(ExportCallTest, PicturesThatAreGoneAreLeftOut) {
  for (const char* name : {"a.png", "b.png", "c.png"}) add(name, 0);
  fs::remove(photos / "b.png");
  EXPECT_EQ(export_now().missing, 1);
  EXPECT_THAT(warnings,
              ElementsAre("1 image is left out because there is no such file (such as b.png)"));
  request.format = ExportFormat::coco;
  request.out = (root.path() / "coco.json").string();
  EXPECT_EQ(export_now().missing, 1);
  const auto coco = nlohmann::json::parse(read_file(request.out));
  EXPECT_EQ(coco["images"].size(), 2u);
  EXPECT_EQ(coco["images"][1]["file_name"], "c.png");
  EXPECT_EQ(coco["images"][1]["width"], 3);
  request.format = ExportFormat::csv;
  request.out = (root.path() / "table.csv").string();
  EXPECT_EQ(export_now().images, 3);
  fs::remove_all(photos);
  EXPECT_EQ(export_now().images, 3);
  fs::create_directories(photos);
  write_file(photos / "other.png", encode_png(Image(1, 1).view()));
  request.format = ExportFormat::folders;
  request.out = out.string();
  EXPECT_THAT(complaint(Fault::data), HasSubstr("at least one picture must be there"));
  EXPECT_EQ(places().size(), 2u);  // what the earlier export left
}

TEST_F(ExportCallTest, PicturesOfCifarBecomeFiles) {
  const fs::path cifar = root.path() / "cifar-10-batches-bin";
  fs::create_directories(cifar);
  std::string record(3073, 'x');
  record[0] = 0;  // its label
  for (const char* batch : {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4",
                            "data_batch_5", "test_batch"}) {
    write_file(cifar / format("{}.bin", batch), record);
  }
  write_file(cifar / "batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
  state.data = {cifar};
  list("data_batch_2:0", 0);
  EXPECT_THAT(complaint(Fault::usage), HasSubstr("give --copy"));
  request.copy = true;
  export_now();
  EXPECT_THAT(places(), ElementsAre("cats/data_batch_2-0.png"));
  const Image image = read_image(out / "cats/data_batch_2-0.png");
  EXPECT_EQ(image.pixels, std::vector<uint8_t>(3072, 'x'));
  request.copy = false;
  request.format = ExportFormat::coco;
  request.out = (root.path() / "coco.json").string();
  export_now();
  const auto coco = nlohmann::json::parse(read_file(request.out));
  EXPECT_EQ(coco["images"][0]["width"], 32);
  EXPECT_FALSE(coco["info"].contains("folder"));
}

TEST_F(ExportCallTest, FeaturesHavePicturesWhereTheirNamesAreFiles) {
  add("a.png", 0);
  list("row7", 1);
  state.data.clear();
  state.features = root.path() / "features.npy";
  state.paths = photos / "paths.csv";
  EXPECT_EQ(export_now().missing, 1);
  EXPECT_THAT(places(), ElementsAre("cats/a.png"));
  request.format = ExportFormat::coco;
  request.out = (root.path() / "coco.json").string();
  EXPECT_EQ(export_now().images, 2);
  state.paths.clear();
  EXPECT_EQ(export_now().images, 2);
  request.format = ExportFormat::folders;
  request.out = out.string();
  EXPECT_THAT(complaint(Fault::data), HasSubstr("2 images are left out"));
}

TEST_F(ExportCallTest, AnythingElseAtThePlaceIsRefused) {
  add("a.png", 0);
  request.out = photos.string();
  EXPECT_THAT(complaint(Fault::usage), HasSubstr("OUT must be a new or empty folder"));
  request.out = run.string();
  EXPECT_THAT(complaint(Fault::usage), HasSubstr("OUT must be a new or empty folder"));
  request.out = (photos / "a.png").string();
  EXPECT_THAT(complaint(Fault::usage), HasSubstr("must be a folder. It is a file"));
  request.out = "-";
  EXPECT_THAT(complaint(Fault::usage), HasSubstr("OUT must be a folder"));
  request.out = (photos / "a.png").string();
  request.format = ExportFormat::csv;
  EXPECT_THAT(complaint(Fault::usage), HasSubstr("OUT must be a new file"));
  request.out = (run / "assignments.csv").string();
  EXPECT_THAT(complaint(Fault::usage), HasSubstr("OUT must be a new file"));
  request.out = photos.string();
  EXPECT_THAT(complaint(Fault::usage), HasSubstr("must be a file to write"));
  request.copy = true;
  EXPECT_THAT(complaint(Fault::usage), HasSubstr("need --format folders or imagefolder"));
}

// As the very first `apply` leaves them when it is killed before the model.
TEST_F(ExportCallTest, EditsThatTheStateDoesNotKnowAreRefused) {
  add("a.png", 0);
  write_file(run / "edit-log.json", R"({"format": 1, "edits": [
      {"asked": {"names": {"0": "x"}}, "contents": {}, "made": []}]})");
  EXPECT_THAT(complaint(Fault::usage), HasSubstr("nolabel apply " + run.string()));
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(ExportCallTest, ARunWithoutAssignmentsSaysWhatMakesThem) {
  write_run_state(run, state);
  SettingTables tables;
  try {
    export_run(tables, request, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("nolabel report --out " + run.string()));
  }
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace nolabel
