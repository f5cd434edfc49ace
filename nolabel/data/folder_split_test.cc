#include <gmock/gmock.h>

#include "nolabel/data/source.h"
#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SplitFolder : public FolderTest {};

TEST_F(SplitFolder, TrainAndTestFoldersAreASplitWithTheSameClassNumbers) {
  write("train/cat/1.png", picture(1));
  write("train/dog/2.png", picture(2));
  write("test/dog/3.png", picture(3));
  write("other/4.png", picture(4));
  EXPECT_TRUE(has_split({root}));
  EXPECT_FALSE(has_split({root / "train"}));
  EXPECT_THAT(names(load().dataset),
              ElementsAre("test/dog/3.png", "train/cat/1.png", "train/dog/2.png"));
  options.split = Split::train;
  EXPECT_THAT(load().dataset.labels(), ElementsAre(0, 1));
  options.split = Split::test;
  const LoadedImages test = load();
  EXPECT_THAT(names(test.dataset), ElementsAre("test/dog/3.png"));
  EXPECT_THAT(test.dataset.labels(), ElementsAre(1));
  EXPECT_THAT(test.dataset.class_names(), ElementsAre("cat", "dog"));
}

TEST_F(SplitFolder, ValStandsForTestAndNoSplitIsSaid) {
  write("train/1.png", picture(1));
  options.split = Split::test;
  EXPECT_THAT(complaint({root}, Fault::usage), HasSubstr("train and test"));
  write("val/2.png", picture(2));
  EXPECT_THAT(names(load().dataset), ElementsAre("val/2.png"));
}

TEST_F(SplitFolder, FoldersForTrainingAndTestingHaveManyNames) {
  const std::pair<const char*, const char*> pairs[] = {{"train", "valid"},
                                                       {"train", "validation"},
                                                       {"Train", "Test"},
                                                       {"TRAIN", "VAL"},
                                                       {"training", "testing"},
                                                       {"training_set", "test_set"},
                                                       {"Training Data", "Test Data"},
                                                       {"train2017", "val2017"}};
  for (const auto& [train, test] : pairs) {
    FolderTest::SetUp();
    write(std::string(train) + "/cat/1.png", picture(1));
    write(std::string(test) + "/cat/2.png", picture(2));
    EXPECT_TRUE(has_split({root})) << train;
    options.split = Split::train;
    EXPECT_THAT(names(load().dataset), ElementsAre(std::string(train) + "/cat/1.png"));
    options.split = Split::test;
    EXPECT_THAT(names(load().dataset), ElementsAre(std::string(test) + "/cat/2.png"));
    EXPECT_THAT(load().dataset.class_names(), ElementsAre("cat"));
  }
  for (const auto& [a, b] :
       {std::pair{"train", "trains"}, {"training", "tested"}, {"test", "val"}}) {
    FolderTest::SetUp();
    write(std::string(a) + "/1.png", picture(1));
    write(std::string(b) + "/2.png", picture(2));
    EXPECT_FALSE(has_split({root})) << a;
  }
}

TEST_F(SplitFolder, OfThreePartsTestIsMeasuredAndValidationIsLeftOut) {
  for (const char* name : {"train/cat/1.png", "Validation/cat/2.png", "test/cat/3.png"}) {
    write(name, picture(1));
  }
  write("labels/1.txt", "0 0.5 0.5 1 1");
  options.split = Split::test;
  EXPECT_THAT(names(load().dataset), ElementsAre("test/cat/3.png"));
  EXPECT_THAT(folders_beside_split(root), ElementsAre("Validation"));
}

TEST_F(SplitFolder, AFolderAboveTheSplitIsLookedThrough) {
  for (const char* side : {"train", "val"}) {
    write(format("set/images/{}/cat/1.png", side), picture(1));
    write(format("set/images/{}/dog/2.png", side), picture(2));
    write(format("set/labels/{}/1.txt", side), "");
  }
  options.split = Split::train;
  const LoadedImages loaded = load({root / "set"});
  EXPECT_THAT(names(loaded.dataset),
              ElementsAre("images/train/cat/1.png", "images/train/dog/2.png"));
  EXPECT_THAT(loaded.dataset.labels(), ElementsAre(0, 1));
  EXPECT_THAT(said, HasSubstr("set: folders images/train and images/val are the training and "
                              "validation images; their 2 folders are the labels\n"));
  said.clear();
  options.split = Split::test;
  EXPECT_EQ(load({root / "set"}).dataset.size(), 2);
  EXPECT_EQ(said, "");  // with the training images
}

TEST_F(SplitFolder, LabelsThatASplitLosesAreWarnedOf) {
  std::string warned;
  observer.log = [&](Severity severity, const std::string& text) {
    if (severity == Severity::warning) warned += text + "\n";
  };
  const std::string set = (root / "set").string();
  write("set/train/cat/1.png", picture(1));
  write("set/test/2.png", picture(2));
  EXPECT_FALSE(load({root / "set"}).dataset.has_labels());
  EXPECT_EQ(warned, format("set: there are no labels, because test/2.png lies in no class folder: "
                           "sort the pictures of {0}/test into class folders too, or name "
                           "{0}/train alone\n",
                           set));
  warned.clear();
  EXPECT_TRUE(load({root / "set/train"}).dataset.has_labels());
  write("set/train/3.png", picture(3));
  load({root / "set"});
  EXPECT_THAT(warned, HasSubstr("put every picture into a class folder\n"));
  fs::remove_all(root / "set/test");
  write("set/test/cat/2.png", picture(2));
  warned.clear();
  load({root / "set"});
  EXPECT_THAT(warned, HasSubstr(format("or name {}/test alone\n", set)));
  fs::remove_all(root / "set/test");
  write("set/test/2.png", picture(2));
  fs::remove_all(root / "set/train/cat");
  warned.clear();
  load({root / "set"});  // there are none to lose
  options.labels = LabelSource::none;
  write("set/train/cat/1.png", picture(1));
  load({root / "set"});
  EXPECT_EQ(warned, "");
}

TEST_F(SplitFolder, EachPartOfASplitMayHaveOneFolderAboveItsClasses) {
  const std::vector<std::vector<const char*>> layouts = {
      {"training_set/training_set/", "test_set/test_set/"},
      {"train/a/", "test/b/"},
      {"train/a/b/", "val/"},
      {"train/", "test/b/c/"},
      {"seg_train/seg_train/", "seg_test/seg_test/"},
      {"train/data/train/", "test/data/test/"}};
  for (const auto& parts : layouts) {
    FolderTest::SetUp();
    const std::string train = parts[0], test = parts[1];
    write(train + "cats/1.png", picture(1));
    write(train + "dogs/old/2.png", picture(2));
    write(test + "dogs/3.png", picture(3));
    options.split = Split::train;
    EXPECT_THAT(load().dataset.class_names(), ElementsAre("cats", "dogs")) << train;
    EXPECT_THAT(load().dataset.labels(), ElementsAre(0, 1)) << train;
    options.split = Split::test;
    EXPECT_THAT(names(load().dataset), ElementsAre(test + "dogs/3.png"));
    EXPECT_THAT(load().dataset.labels(), ElementsAre(1)) << train;
  }
  EXPECT_THAT(said, HasSubstr("; the 2 folders in training_set/training_set and test_set/test_set "
                              "are the labels\n"));
}

TEST_F(SplitFolder, AClassStaysOneWhereATestHasNoOther) {
  write("train/cat/1.png", picture(1));
  write("train/dog/2.png", picture(2));
  write("test/dog/deep/3.png", picture(3));
  EXPECT_THAT(load().dataset.class_names(), ElementsAre("cat", "dog"));
  FolderTest::SetUp();
  write("train/cat/1.png", picture(1));
  write("train/dog/2.png", picture(2));
  write("test/bird/deep/3.png", picture(3));
  EXPECT_THAT(load().dataset.class_names(), ElementsAre("bird", "cat", "dog"));
  FolderTest::SetUp();
  write("train/all/cat/1.png", picture(1));
  write("train/all/dog/2.png", picture(2));
  write("test/all/dog/deep/3.png", picture(3));
  EXPECT_THAT(load().dataset.class_names(), ElementsAre("cat", "dog"));
}

TEST_F(SplitFolder, APartsOwnNameIsNoClass) {
  write("set/train/train/cat/1.png", picture(1));
  write("set/train/train/dog/2.png", picture(2));
  write("set/test/test/3.png", picture(3));
  EXPECT_THAT(load({root / "set"}).dataset.class_names(), IsEmpty());
  EXPECT_THAT(said, HasSubstr("there are no labels, because test/test/3.png lies in no class"));
  FolderTest::SetUp();
  said.clear();
  write("set/train/train_images/1.png", picture(1));
  write("set/test/test_images/3.png", picture(3));
  EXPECT_THAT(load({root / "set"}).dataset.class_names(), IsEmpty());
  EXPECT_THAT(said, HasSubstr("test images; there are no labels\n"));
}

TEST_F(SplitFolder, ASplitsWordMayStandAmongOthers) {
  const std::pair<const char*, const char*> pairs[] = {{"seg_train", "seg_test"},
                                                       {"images_train", "images_test"},
                                                       {"images-train", "images-validation"},
                                                       {"Photos Training", "photos test"},
                                                       {"train_256_places", "val_256_places"},
                                                       {"my_train_set", "my_test_set"}};
  for (const auto& [train, test] : pairs) {
    FolderTest::SetUp();
    write(std::string(train) + "/cat/1.png", picture(1));
    write(std::string(test) + "/cat/2.png", picture(2));
    write("seg_pred/3.png", picture(3));
    EXPECT_TRUE(has_split({root})) << train;
    EXPECT_THAT(folders_beside_split(root), ElementsAre("seg_pred"));
    options.split = Split::test;
    EXPECT_THAT(names(load().dataset), ElementsAre(std::string(test) + "/cat/2.png"));
    EXPECT_THAT(load().dataset.class_names(), ElementsAre("cat"));
  }
}

TEST_F(SplitFolder, NamesOfOtherSplitsAreNone) {
  for (const std::vector<const char*>& folders :
       {std::vector{"cats_train", "cats_test", "dogs_train", "dogs_test"},
        {"train_station", "test_tube"},
        {"seg_train", "seg_test_train"},
        {"seg_train", "images_test"},
        {"seg_test", "seg_val"}}) {
    FolderTest::SetUp();
    for (const char* name : folders) write(std::string(name) + "/1.png", picture(1));
    EXPECT_FALSE(has_split({root})) << folders[0];
  }
  FolderTest::SetUp();
  for (const char* name : {"seg_train/1.png", "seg_test/2.png"}) write(name, picture(1));
  for (const char* name : {"notes_train/1.xml", "notes_test/2.xml"}) write(name, "");
  EXPECT_TRUE(has_split({root}));
  write("notes_train/1.png", picture(1));
  write("notes_test/1.png", picture(1));
  EXPECT_FALSE(has_split({root}));
}

TEST_F(SplitFolder, SplitNamesThatAreTakenAsClassesAreWarnedOf) {
  std::string warned;
  observer.log = [&](Severity severity, const std::string& text) {
    if (severity == Severity::warning) warned += text + "\n";
  };
  write("set/seg_train/1.png", picture(1));
  write("set/images_test/2.png", picture(2));
  EXPECT_THAT(load({root / "set"}).dataset.class_names(), ElementsAre("images_test", "seg_train"));
  EXPECT_THAT(warned,
              HasSubstr("set: folders such as images_test and seg_train are taken as classes. "));
  warned.clear();
  options.labels = LabelSource::folders;
  load({root / "set"});
  options.labels = LabelSource::automatic;
  fs::remove_all(root / "set/seg_train");
  write("set/cat/2.png", picture(2));
  load({root / "set"});
  EXPECT_EQ(warned, "");
}

}  // namespace
}  // namespace nolabel
