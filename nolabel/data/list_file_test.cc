#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "nolabel/base/csv.h"
#include "nolabel/data/source.h"
#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

class ListFile : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    write("a.png", picture(1));
    write("sub/b, c \"d\".png", picture(2));
    write("e.png", picture(3));
  }
  LoadedImages load_list(const std::string& text) const {
    write("list.csv", text);
    return load({root / "list.csv"});
  }
  std::string complaint_of(const std::string& text, Fault fault = Fault::usage) const {
    write("list.csv", text);
    return complaint({root / "list.csv"}, fault);
  }
};

TEST_F(ListFile, OrderIsTheListsAndPathsAreRelativeToIt) {
  const LoadedImages loaded = load_list("e.png\n" + csv_row({"sub/b, c \"d\".png"}) + "./a.png\n");
  EXPECT_THAT(names(loaded.dataset), ElementsAre("e.png", "sub/b, c \"d\".png", "a.png"));
  EXPECT_FALSE(loaded.dataset.has_labels());
  EXPECT_EQ(loaded.root, root);
}

TEST_F(ListFile, AbsolutePathsStayAbsolute) {
  const LoadedImages loaded = load_list((root / "a.png").string() + "\n");
  EXPECT_EQ(loaded.root / loaded.dataset.name(0), root / "a.png");
}

TEST_F(ListFile, SecondColumnIsTheLabel) {
  const LoadedImages loaded = load_list("e.png,zebra\r\na.png,ape\r\n");
  EXPECT_THAT(loaded.dataset.class_names(), ElementsAre("ape", "zebra"));
  EXPECT_THAT(loaded.dataset.labels(), ElementsAre(1, 0));
}

TEST_F(ListFile, NumbersAreClassesByValueAndAnEmptyLabelIsNone) {
  const LoadedImages loaded =
      load_list("e.png,10\na.png,9\n" + csv_row({"sub/b, c \"d\".png", ""}));
  EXPECT_THAT(loaded.dataset.class_names(), ElementsAre("9", "10"));
  EXPECT_EQ(loaded.dataset.label(0), 1);
  EXPECT_EQ(loaded.dataset.label(2), std::nullopt);
}

TEST_F(ListFile, AHeaderNamesTheLabelColumn) {
  const LoadedImages loaded = load_list("path,cluster,confidence,label\na.png,3,0.5,ape\n");
  EXPECT_THAT(names(loaded.dataset), ElementsAre("a.png"));
  EXPECT_THAT(loaded.dataset.class_names(), ElementsAre("ape"));
  EXPECT_FALSE(load_list("path,cluster\na.png,3\n").dataset.has_labels());
}

TEST_F(ListFile, ExtensionsOfListsInAnyCase) {
  for (const char* name :
       {"list.CSV", "list.tsv", "list.lst", "list.Txt", "list.tab", "LIST.LIST"}) {
    write(name, "path,label\na.png,ape\n");
    EXPECT_THAT(load({root / name}).dataset.class_names(), ElementsAre("ape")) << name;
  }
}

TEST_F(ListFile, PathsAsWindowsWritesThemAndSpacesAroundThem) {
  write("sub/f.png", picture(4));
  write("back\\slash.png", picture(5));
  const LoadedImages loaded = load_list("sub\\f.png\nback\\slash.png\n a.png \n");
  EXPECT_THAT(names(loaded.dataset), ElementsAre("sub/f.png", "back\\slash.png", "a.png"));
}

TEST_F(ListFile, WhatIsNotUsedIsTold) {
  std::string told;
  observer.log = [&](Severity severity, const std::string& text) {
    EXPECT_EQ(severity, Severity::warning);
    told += text;
  };
  load_list("filename,width,label\na.png,5,ape\n");
  EXPECT_THAT(told, EndsWith("it does not use width"));
}

TEST_F(ListFile, MistakesNameTheLine) {
  EXPECT_THAT(complaint_of("a.png,x\ne.png\n"), HasSubstr("list.csv:2: every row must have 2"));
  EXPECT_THAT(complaint_of("a.png,x,y\n"), HasSubstr("list.csv:1: a row must be path"));
  EXPECT_THAT(complaint_of("a.png\n\"e.png\n"), HasSubstr("list.csv:2: the closing quote"));
  EXPECT_THAT(complaint_of("a.png,x\n,y\n"), HasSubstr("list.csv:2: the path is empty"));
  EXPECT_THAT(complaint_of("a.png,x\n./a.png,y\n"), HasSubstr("list.csv:2: ./a.png must have one"));
  options.split = Split::train;
  EXPECT_THAT(complaint_of("a.png\n"), HasSubstr("train and test images"));
}

TEST_F(ListFile, ClassesAreThoseOfPicturesThatWereRead) {
  write("clip.mp4", "no picture");
  const LoadedImages loaded =
      load_list("e.png,zebra\nclip.mp4,cow\na.png,ape\ngone.png,bee\nclip.mp4,cow\n");
  EXPECT_THAT(names(loaded.dataset), ElementsAre("e.png", "a.png"));
  EXPECT_THAT(loaded.dataset.class_names(), ElementsAre("ape", "zebra"));
  EXPECT_THAT(loaded.dataset.labels(), ElementsAre(1, 0));
}

TEST_F(ListFile, WhenNoFileExistsHowTheListWasReadIsTold) {
  EXPECT_EQ(
      complaint_of("x/a.png;ape\nx/e.png;bee\n", Fault::data),
      format("{0}/list.csv: rows must be path,label with paths seen from {0}, or the first row "
             "must name the columns path and label. None of its 2 files exists; column 1 of "
             "fields separated by semicolons was read as the path, and the first is x/a.png.",
             root.string()));
  EXPECT_THAT(
      complaint_of("a,ape\ne,bee\n", Fault::data),
      EndsWith("separated by commas was read as the path, and the first is a. a.png exists: "
               "write names with their extensions."));
  EXPECT_THAT(complaint_of("path\nx/a.png\n", Fault::data),
              HasSubstr("each line was read as a path"));
}

// As reproducible archives date their files.
TEST_F(ListFile, APictureOfTheFirstOfJanuary1970Exists) {
  for (const char* name : {"a.png", "e.png"}) {
    const timespec times[2] = {};
    ASSERT_EQ(::utimensat(AT_FDCWD, (root / name).c_str(), times, 0), 0);
  }
  EXPECT_THAT(names(load_list("a.png\ne.png\n").dataset), ElementsAre("a.png", "e.png"));
}

TEST_F(ListFile, AMissingPictureIsSkippedAndARepeatedOneTakenOnce) {
  const LoadedImages loaded = load_list("a.png\ngone.png\na.png\n");
  EXPECT_THAT(names(loaded.dataset), ElementsAre("a.png"));
  ASSERT_EQ(loaded.skipped.size(), 1u);
  EXPECT_EQ(loaded.skipped[0].name, "gone.png");
  EXPECT_THAT(loaded.skipped[0].reason, EndsWith("No such file or directory"));
}

}  // namespace
}  // namespace nolabel
