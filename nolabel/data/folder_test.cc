#include <gmock/gmock.h>
#include <sys/stat.h>

#include "nolabel/data/source.h"
#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Folder : public FolderTest {};

TEST_F(Folder, FirstLevelIsTheClassWhenEveryPictureHasOne) {
  write("dog/b.png", picture(1));
  write("cat/deep/er/a.png", picture(2));
  write("cat/z.PNG", picture(3));
  const LoadedImages loaded = load();
  EXPECT_THAT(names(loaded.dataset), ElementsAre("cat/deep/er/a.png", "cat/z.PNG", "dog/b.png"));
  EXPECT_THAT(loaded.dataset.labels(), ElementsAre(0, 0, 1));
  EXPECT_THAT(loaded.dataset.class_names(), ElementsAre("cat", "dog"));
  EXPECT_EQ(loaded.root, root);
  const DatasetImage third = loaded.dataset.image(2);
  EXPECT_EQ(*third.view().pixel(3, 4), 1);
}

TEST_F(Folder, WhereLabelsCameFromIsKept) {
  write("a/cat/1.png", picture(1));
  write("a/dog/2.png", picture(2));
  write("b/3.png", picture(3));
  write("list.csv", "a/cat/1.png,cat\na/dog/2.png,dog\n");
  EXPECT_TRUE(load({root / "a"}).labels_from_folders);
  EXPECT_FALSE(load({root / "list.csv"}).labels_from_folders);
  EXPECT_FALSE(load({root / "b"}).labels_from_folders);
  EXPECT_TRUE(load({root / "a", root / "b"}).labels_from_folders);
  EXPECT_FALSE(load({root / "a", root / "list.csv"}).labels_from_folders);
  EXPECT_FALSE(load({root / "b", root / "b/3.png"}).labels_from_folders);
  options.labels = LabelSource::none;
  EXPECT_FALSE(load({root / "a"}).labels_from_folders);
}

TEST_F(Folder, OnePictureOutsideOfTheClassesMeansNoLabels) {
  write("dog/b.png", picture(1));
  write("a.png", picture(2));
  const LoadedImages loaded = load();
  EXPECT_FALSE(loaded.dataset.has_labels());
  EXPECT_THAT(loaded.dataset.class_names(), IsEmpty());
  options.labels = LabelSource::folders;
  EXPECT_THAT(complaint({root}, Fault::usage), HasSubstr("a.png"));
}

TEST_F(Folder, LabelsCanBeIgnored) {
  write("dog/b.png", picture(1));
  options.labels = LabelSource::none;
  EXPECT_FALSE(load().dataset.has_labels());
}

TEST_F(Folder, OrderIsBytewiseByRelativePath) {
  for (const char* name : {"b.png", "B.png", "a/x.png", "a-b.png", "ä.png", "a.png", "10.png"}) {
    write(name, picture(1));
  }
  EXPECT_THAT(names(load().dataset),
              ElementsAre("10.png", "B.png", "a-b.png", "a.png", "a/x.png", "b.png", "ä.png"));
}

TEST_F(Folder, OddNamesAreNames) {
  const std::vector<std::string> odd = {" two  spaces .jpg", "\"><img src=x onerror=alert(1)>.jpg",
                                        "line\nbreak.jpg", "naïve 写真.jpg", "not\xFFutf8.jpg"};
  for (const std::string& name : odd) write(name, picture(1));
  EXPECT_THAT(names(load().dataset), testing::ElementsAreArray(odd));
}

TEST_F(Folder, WhatIsNoPictureIsLeftAloneAndWhatCannotBeReadIsSkipped) {
  write("good.png", picture(1));
  write("notes.txt", "hello");
  write(".hidden.png", picture(2));
  write(".thumbnails/a.png", picture(3));
  write("empty.jpg", "");
  write("renamed.jpg", "this is text");
  const Image big(40, 40);
  const std::string jpeg = encode_jpeg(big.view());
  write("truncated.jpg", jpeg.substr(0, jpeg.size() / 2));
  fs::create_symlink("nowhere", root / "link.jpg");
  ASSERT_EQ(mkfifo((root / "pipe.jpg").c_str(), 0600), 0);
  const LoadedImages loaded = load();
  EXPECT_THAT(names(loaded.dataset), ElementsAre("good.png"));
  EXPECT_THAT(names(loaded.skipped),
              ElementsAre("empty.jpg", "link.jpg", "renamed.jpg", "truncated.jpg"));
  for (const SkippedImage& skipped : loaded.skipped) EXPECT_NE(skipped.reason, "") << skipped.name;
}

TEST_F(Folder, LoopsEndAndLinkedFoldersKeepTheirOwnNames) {
  write("zoo/a.png", picture(1));
  fs::create_symlink("..", root / "zoo" / "up");
  fs::create_symlink("self", root / "self");
  fs::create_symlink("zoo", root / "alias");  // sorts before the real one, which must win
  EXPECT_THAT(names(load().dataset), ElementsAre("zoo/a.png"));
}

TEST_F(Folder, LinksLeadOutOfTheFolder) {
  write("elsewhere/x/a.png", picture(1));
  write("here/y/b.png", picture(2));
  fs::create_symlink(root / "elsewhere" / "x", root / "here" / "x");
  fs::create_symlink(root / "elsewhere" / "x" / "a.png", root / "here" / "y" / "c.png");
  EXPECT_THAT(names(load({root / "here"}).dataset), ElementsAre("x/a.png", "y/b.png", "y/c.png"));
}

TEST_F(Folder, OneFolderAboveTheClassesIsNoClass) {
  write("photos/animals/cat/1.png", picture(1));
  write("photos/animals/dog/old/2.png", picture(2));
  write("photos/readme.txt", "hello");
  const LoadedImages loaded = load({root / "photos"});
  EXPECT_THAT(names(loaded.dataset), ElementsAre("animals/cat/1.png", "animals/dog/old/2.png"));
  EXPECT_THAT(loaded.dataset.class_names(), ElementsAre("cat", "dog"));
  EXPECT_THAT(said, HasSubstr("photos: the 2 folders in animals are the labels\n"));
  EXPECT_THAT(load({root / "photos/animals/cat"}).dataset.class_names(), IsEmpty());
}

TEST_F(Folder, AnOnlyFolderOfImagesIsNoClass) {
  for (const char* side : {"train", "valid"}) {
    write(format("set/{}/images/1.png", side), picture(1));
    write(format("set/{}/labels/1.txt", side), "");
  }
  EXPECT_FALSE(load({root / "set"}).dataset.has_labels());
  EXPECT_THAT(said, HasSubstr("there are no labels, because all lie in images\n"));
  options.labels = LabelSource::folders;
  EXPECT_THAT(load({root / "set"}).dataset.class_names(), ElementsAre("images"));
}

// The layout of several sets on Kaggle, and its siblings.
TEST_F(Folder, BinsAndThumbnailsOfSystemsAreNoPhotos) {
  write("cat/1.png", picture(1));
  for (const char* name :
       {"cat/@eaDir/1.png/SYNOPHOTO_THUMB_M.jpg", "$RECYCLE.BIN/2.png", "#recycle/3.png",
        ".Trash-1000/files/4.png", "__MACOSX/cat/._1.png", "cat/._1.png", "cat/.thumbnails/5.png",
        "lost+found/6.png", "System Volume Information/7.png", "cat/Thumbs.db"}) {
    write(name, picture(9));
  }
  const LoadedImages loaded = load();
  EXPECT_THAT(names(loaded.dataset), ElementsAre("cat/1.png"));
  EXPECT_THAT(loaded.dataset.class_names(), ElementsAre("cat"));
  EXPECT_THAT(loaded.skipped, IsEmpty());
  EXPECT_THAT(said, testing::Not(HasSubstr("leaves out")));
}

TEST_F(Folder, FilesOfOtherKindsAreCounted) {
  write("set/a.png", picture(1));
  for (int i = 0; i < 3; ++i) {
    write(format("set/{}.MP4", i), "");
    write(format("set/{}.xmp", i), "");
  }
  write("set/a.nef", std::string("II*\0", 4) + "more");  // begins as TIFF does
  write("set/README", "hello");
  const LoadedImages loaded = load({root / "set"});
  EXPECT_THAT(names(loaded.dataset), ElementsAre("a.png"));
  EXPECT_THAT(loaded.skipped, IsEmpty());
  EXPECT_THAT(said, HasSubstr("set: nolabel leaves out 8 files of kinds that it does not read (3 "
                              ".mp4, 3 .xmp, 1 without an extension, 1 .nef); convert RAW photos"));
}

TEST_F(Folder, PicturesWithoutAnExtensionAreTakenWhereNoneHasOne) {
  write("set/b", picture(1));
  write("set/a.photo", picture(2));
  write("set/notes", "hello");
  EXPECT_THAT(names(load({root / "set"}).dataset), ElementsAre("a.photo", "b"));
  EXPECT_THAT(said, HasSubstr("2 are pictures by their content (such as a.photo)"));
  EXPECT_THAT(names(load({root / "set/b"}).dataset), ElementsAre("b"));
  // A data set of files with extensions stays what it was, and the others are told of.
  write("set/c.png", picture(3));
  EXPECT_THAT(names(load({root / "set"}).dataset), ElementsAre("c.png"));
  EXPECT_THAT(said, HasSubstr("leaves out 2 files that are pictures by their content but have no "
                              "picture's extension (such as a.photo)"));
}

TEST_F(Folder, SeveralFoldersAreNamedFromTheFolderThatHoldsThem) {
  write("2023/photos/cat/a.png", picture(1));
  write("2024/photos/dog/a.png", picture(2));
  const LoadedImages loaded = load(
      {root / "2024" / "photos" / "", root / "2023" / "." / "photos", root / "2024/photos/dog"});
  EXPECT_THAT(names(loaded.dataset), ElementsAre("2024/photos/dog/a.png", "2023/photos/cat/a.png"));
  EXPECT_EQ(loaded.root, root);
  EXPECT_THAT(loaded.dataset.class_names(), ElementsAre("dog", "cat"));
  EXPECT_THAT(loaded.dataset.labels(), ElementsAre(0, 1));
}

TEST_F(Folder, OneOfSeveralWithoutPicturesIsWarnedOf) {
  write("a/x.png", picture(1));
  fs::create_directories(root / "b");
  EXPECT_THAT(names(load({root / "b", root / "a"}).dataset), ElementsAre("x.png"));
  EXPECT_THAT(said, HasSubstr("b must hold images"));
  EXPECT_THAT(complaint({root / "b", root / "b"}, Fault::data), HasSubstr("None does"));
  options.strict = true;
  EXPECT_THAT(complaint({root / "b", root / "a"}, Fault::data), HasSubstr("b must hold images"));
}

TEST_F(Folder, PicturesByThemselves) {
  write("a/x.png", picture(1));
  write("b/y.png", picture(2));
  EXPECT_THAT(names(load({root / "a/x.png"}).dataset), ElementsAre("x.png"));
  EXPECT_THAT(names(load({root / "a/x.png", root / "b/y.png"}).dataset),
              ElementsAre("a/x.png", "b/y.png"));
}

TEST_F(Folder, NothingToLoadIsSaid) {
  EXPECT_THAT(complaint({root}, Fault::data), HasSubstr("holds none"));
  EXPECT_THAT(complaint({root / "missing"}, Fault::usage), HasSubstr("does not exist"));
  write("a.xyz", "");
  EXPECT_THAT(complaint({root / "a.xyz"}, Fault::usage), HasSubstr("must be a folder"));
  write("empty.jpg", "");
  EXPECT_THAT(complaint({root}, Fault::data), HasSubstr("empty.jpg: "));
  EXPECT_NE(complaint({}, Fault::usage), "");
}

}  // namespace
}  // namespace nolabel
