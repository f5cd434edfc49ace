#include "nolabel/pipeline/sorted_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class SortedFolderTest : public testing::Test {
 protected:
  // Adds an image of this content that a prediction puts into `cluster`.
  void add(const std::string& name, const std::string& content, int cluster) {
    const fs::path file = photos / name;
    fs::create_directories(file.parent_path());
    write_file(file, content);
    prediction.files.push_back(file);
    prediction.names.push_back(name);
    prediction.assignments.push_back({cluster, 1, -1, 0});
  }

  void start_again() { prediction = {}; }

  SortedCounts sort(SortedAs as) {
    Observer observer;
    observer.log = [this](Severity, const std::string& text) { notes.push_back(text); };
    return sort_into(sorted, prediction, as, observer);
  }

  // Links and files in the folders of clusters, "2/cat.jpg".
  std::set<std::string> places() const {
    std::set<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(sorted)) {
      const fs::path place = entry.path().lexically_relative(sorted);
      if (entry.is_symlink() || (!entry.is_directory() && place.has_parent_path())) {
        all.insert(place.string());
      }
    }
    return all;
  }

  TemporaryDirectory root;
  const fs::path photos = root.path() / "photos", sorted = root.path() / "sorted";
  Prediction prediction;
  std::vector<std::string> notes;
};

TEST_F(SortedFolderTest, LinksAreAbsoluteOrRelative) {
  add("a/cat.jpg", "a", 2);
  sort(SortedAs::absolute_links);
  EXPECT_EQ(fs::read_symlink(sorted / "2/cat.jpg"), photos / "a/cat.jpg");
  sort(SortedAs::relative_links);
  EXPECT_EQ(fs::read_symlink(sorted / "2/cat.jpg"), "../../photos/a/cat.jpg");
  EXPECT_EQ(read_file(sorted / "2/cat.jpg"), "a");
}

TEST_F(SortedFolderTest, RelativeLinksAreRightBehindALinkedFolder) {
  add("cat.jpg", "a", 0);
  fs::create_directories(root.path() / "deep/er");
  fs::create_directory_symlink(root.path() / "deep/er", sorted);
  sort(SortedAs::relative_links);
  EXPECT_EQ(read_file(sorted / "0/cat.jpg"), "a");
}

TEST_F(SortedFolderTest, ImagesOfOneNameStayApart) {
  add("a/cat.jpg", "same", 1);
  add("b/cat.jpg", "same", 1);
  add("b/cat-2.jpg", "other", 1);
  for (const SortedAs as : {SortedAs::copies, SortedAs::absolute_links}) {
    sort(as);
    EXPECT_THAT(places(), ElementsAre("1/cat-2-2.jpg", "1/cat-2.jpg", "1/cat.jpg"));
  }
}

TEST_F(SortedFolderTest, NamesOutsideUtf8AreSorted) {
  add("\xe9.jpg", "e acute", 0);
  add("\xe8.jpg", "e grave", 0);
  for (int time = 0; time < 2; ++time) sort(SortedAs::relative_links);
  EXPECT_EQ(read_file(sorted / "0/\xe9.jpg"), "e acute");
  EXPECT_EQ(read_file(sorted / "0/\xe8.jpg"), "e grave");
}

TEST_F(SortedFolderTest, SortingAgainChangesNothing) {
  add("a/cat.jpg", "a", 1);
  add("b/cat.jpg", "b", 1);
  for (const SortedAs as : {SortedAs::copies, SortedAs::relative_links, SortedAs::absolute_links}) {
    EXPECT_EQ(sort(as).added, 2);
    const SortedCounts again = sort(as);
    EXPECT_EQ(again.added, 0);
    EXPECT_EQ(again.same, 2);
    EXPECT_THAT(places(), ElementsAre("1/cat-2.jpg", "1/cat.jpg"));
  }
}

TEST_F(SortedFolderTest, SortingAgainReplacesWhatAnEarlierSortLeft) {
  for (const SortedAs as : {SortedAs::copies, SortedAs::relative_links}) {
    start_again();
    add("a/cat.jpg", "cat", 7);
    add("a/dog.jpg", "dog", 8);
    sort(as);
    start_again();
    add("a/cat.jpg", "cat", 0);
    add("c/cow.jpg", "cow", 1);
    const SortedCounts counts = sort(as);
    EXPECT_EQ(counts.removed, 2);
    EXPECT_THAT(places(), ElementsAre("0/cat.jpg", "1/cow.jpg"));
    EXPECT_FALSE(fs::exists(sorted / "7"));
    EXPECT_EQ(read_file(photos / "a/dog.jpg"), "dog");
  }
}

TEST_F(SortedFolderTest, AnotherImageUnderAnOldNameReplacesTheCopy) {
  add("cat.jpg", "old", 0);
  sort(SortedAs::copies);
  write_file(photos / "cat.jpg", "new");
  sort(SortedAs::copies);
  EXPECT_EQ(read_file(sorted / "0/cat.jpg"), "new");
  EXPECT_THAT(places(), ElementsAre("0/cat.jpg"));
}

TEST_F(SortedFolderTest, WhatTheUserPutThereStays) {
  fs::create_directories(sorted / "0");
  fs::create_directories(sorted / "album");
  write_file(sorted / "0/cat.jpg", "the user's");
  write_file(sorted / "album/dog.jpg", "the user's");
  add("cat.jpg", "cat", 0);
  for (int time = 0; time < 2; ++time) sort(SortedAs::copies);
  EXPECT_EQ(read_file(sorted / "0/cat.jpg"), "the user's");
  EXPECT_EQ(read_file(sorted / "0/cat-2.jpg"), "cat");
  start_again();
  add("cow.jpg", "cow", 3);
  sort(SortedAs::copies);
  EXPECT_THAT(places(), ElementsAre("0/cat.jpg", "3/cow.jpg", "album/dog.jpg"));
}

TEST_F(SortedFolderTest, WhatTheUserChangedStaysWithANote) {
  add("cat.jpg", "cat", 0);
  add("dog.jpg", "dog", 0);
  sort(SortedAs::copies);
  write_file(sorted / "0/cat.jpg", "CAT");  // of the same size
  start_again();
  add("cat.jpg", "cat", 1);
  EXPECT_EQ(sort(SortedAs::copies).changed, 1);
  EXPECT_THAT(places(), ElementsAre("0/cat.jpg", "1/cat.jpg"));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes[0], testing::HasSubstr("0/cat.jpg stays"));

  sort(SortedAs::relative_links);
  fs::remove(sorted / "1/cat.jpg");
  fs::create_symlink("elsewhere", sorted / "1/cat.jpg");
  sort(SortedAs::relative_links);
  EXPECT_EQ(fs::read_symlink(sorted / "1/cat.jpg"), "elsewhere");
  EXPECT_EQ(read_file(sorted / "1/cat-2.jpg"), "cat");
}

TEST_F(SortedFolderTest, ItsOwnCopiesAreNoImagesToSort) {
  add("cat.jpg", "cat", 0);
  sort(SortedAs::copies);
  prediction.files = {sorted / "0/cat.jpg"};
  try {
    sort(SortedAs::copies);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
  }
  EXPECT_EQ(read_file(sorted / "0/cat.jpg"), "cat");
}

// The list says what may be removed: it is believed only where it is whole, and only of the folder.
TEST_F(SortedFolderTest, ADamagedListIsRefused) {
  add("cat.jpg", "cat", 0);
  write_file(root.path() / "precious", "x");
  fs::create_directories(sorted);
  for (const char* list : {"", "{", "[]", R"({"format": 2, "files": {}})",
                           R"({"format": 1, "files": {"../precious": {"copy": "0"}}})",
                           R"({"format": 1, "files": {"0/../precious": {"copy": "0"}}})",
                           R"({"format": 1, "files": {"/etc": {"copy": "0"}}})",
                           R"({"format": 1, "files": {"a/b/c/cat.jpg": {"copy": "0"}}})",
                           R"({"format": 1, "files": {"0/cat.jpg": {}}})"}) {
    write_file(sorted / ".nolabel-sorted.json", list);
    EXPECT_THROW(sort(SortedAs::copies), Error) << list;
  }
  EXPECT_TRUE(fs::exists(root.path() / "precious"));
}

TEST_F(SortedFolderTest, FoldersOfSplitsAndMadePicturesAreReplacedToo) {
  fs::create_directories(photos);
  write_file(photos / "cat.jpg", "cat");
  const auto made = [] { return std::string("made"); };
  const auto sort_as_copies = [&](const std::vector<SortedImage>& images) {
    return sort_images(sorted, images, SortedAs::copies, "OUT", {});
  };
  sort_as_copies({{.file = photos / "cat.jpg", .folder = "train/0", .name = "cat.png"},
                  {.file = {}, .folder = "val/0", .name = "1.png", .content = made}});
  EXPECT_THAT(places(), ElementsAre("train/0/cat.png", "val/0/1.png"));
  EXPECT_EQ(read_file(sorted / "val/0/1.png"), "made");
  EXPECT_EQ(
      sort_as_copies({{.file = {}, .folder = "val/0", .name = "1.png", .content = made}}).same, 1);
  EXPECT_THAT(places(), ElementsAre("val/0/1.png"));
  EXPECT_FALSE(fs::exists(sorted / "train"));
}

TEST_F(SortedFolderTest, NeedsFiles) {
  EXPECT_THROW(sort(SortedAs::copies), Error);
}

}  // namespace
}  // namespace nolabel
