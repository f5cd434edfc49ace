#include "nolabel/data/own_folder.h"

#include <gmock/gmock.h>

#include "nolabel/data/system_files.h"
#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class OwnFolders : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    write("cat/a.png", picture(1));
    write("dog/b.png", picture(2));
  }
};

TEST_F(OwnFolders, AreKnownByTheirMark) {
  mark_own_folder(root / "out/run", OwnFolder::run);
  mark_own_folder(root / "by cluster", OwnFolder::sorted);
  mark_own_folder(root / "by cluster", OwnFolder::run);  // the first stays
  EXPECT_EQ(own_folder(root / "out/run"), OwnFolder::run);
  EXPECT_EQ(own_folder(root / "by cluster"), OwnFolder::sorted);
  EXPECT_FALSE(is_own_folder(root / "out"));
  EXPECT_FALSE(is_own_folder(root / "gone"));
}

TEST_F(OwnFolders, OfOlderVersionsAreKnownByWhatIsInThem) {
  write("a/run.json", R"({"data": ["photos"], "labels": "automatic", "hold_out": "0"})");
  write("b/run.json", R"({"features": "f.npy", "paths": ""})");
  write("c/scan/model.pth.tar", "");
  write("d/pretext/checkpoint.pth.tar", "");
  for (const char* name : {"a", "b", "c", "d"}) {
    EXPECT_EQ(own_folder(root / name), OwnFolder::run) << name;
  }
  write("e/run.json", R"({"scripts": {"run": "x"}, "data": "5 km"})");
  write("f/run.json", "[");
  write("g/scan/page 1.jpg", picture(1));
  for (const char* name : {"e", "f", "g"}) EXPECT_FALSE(is_own_folder(root / name)) << name;
}

TEST_F(OwnFolders, AndTheirParentsAreNoPhotosAndNoClasses) {
  for (const char* name : {"run/x.png", "results/run 2/map/y.png", "by cluster/0/z.png"}) {
    write(name, picture(9));
  }
  mark_own_folder(root / "run", OwnFolder::run);
  mark_own_folder(root / "results/run 2", OwnFolder::run);
  mark_own_folder(root / "by cluster", OwnFolder::sorted);
  const LoadedImages loaded = load();
  EXPECT_THAT(names(loaded.dataset), ElementsAre("cat/a.png", "dog/b.png"));
  EXPECT_THAT(loaded.dataset.class_names(), ElementsAre("cat", "dog"));
  EXPECT_THAT(said, HasSubstr("nolabel leaves out 3 folders that it wrote itself (by cluster"));
}

TEST_F(OwnFolders, InsideOfATrainFolderAreNoClasses) {
  write("set/train/cat/a.png", picture(1));
  write("set/test/cat/b.png", picture(2));
  write("set/train/run/c.png", picture(3));
  mark_own_folder(root / "set/train/run", OwnFolder::run);
  EXPECT_THAT(names(load({root / "set"}).dataset),
              ElementsAre("test/cat/b.png", "train/cat/a.png"));
}

TEST_F(OwnFolders, ARunDirectoryAsDataIsRefusedAndSortedPhotosAreTaken) {
  write("run/x.png", picture(9));
  mark_own_folder(root / "run", OwnFolder::run);
  EXPECT_THAT(complaint({root / "run"}, Fault::usage),
              AllOf(HasSubstr("run is a run directory of nolabel"), HasSubstr("folder of images")));
  EXPECT_THROW(check_sources({root / "run"}), Error);
  write("by cluster/0/z.png", picture(9));
  mark_own_folder(root / "by cluster", OwnFolder::sorted);
  EXPECT_THAT(names(load({root / "by cluster"}).dataset), ElementsAre("0/z.png"));
}

TEST_F(OwnFolders, AreNoClassesOfImageNet) {
  for (const char* name : {"n01/a.JPEG", "n02/b.JPEG", "run/c.JPEG", "runs/1/d.JPEG",
                           "@eaDir/e.JPEG", "n03/notes.txt"}) {
    write(std::string("set/ILSVRC2012_img_train/") + name, picture(1));
  }
  mark_own_folder(root / "set/ILSVRC2012_img_train/run", OwnFolder::run);
  mark_own_folder(root / "set/ILSVRC2012_img_train/runs/1", OwnFolder::run);
  EXPECT_THAT(load({root / "set"}).dataset.class_names(), ElementsAre("n01", "n02", "n03"));
}

TEST(is_system_name, CoversDesktopsAndNetworkDrives) {
  for (const char* name :
       {"@eaDir", "@EADIR", "$RECYCLE.BIN", "$Recycle.Bin", ".Trash", ".Trash-1000", ".Trashes",
        "__MACOSX", ".thumbnails", "#recycle", "@Recycle", "Thumbs.db", ".DS_Store", "._a.jpg",
        "System Volume Information", "lost+found", ".AppleDouble", ".nolabel-folder"}) {
    EXPECT_TRUE(is_system_name(name)) << name;
  }
  for (const char* name : {"recycling", "thumbs", "a.jpg", "@home", "trash"}) {
    EXPECT_FALSE(is_system_name(name)) << name;
  }
}

}  // namespace
}  // namespace nolabel
