#include <gmock/gmock.h>

#include "nolabel/data/folder_index.h"
#include "nolabel/data/imagenet_subset.h"
#include "nolabel/data/source.h"
#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

class ImageNet : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    options.threads = 2;
    for (const char* name : {"train/n03/b.JPEG", "train/n03/a.JPEG", "train/n01/z.JPEG",
                             "train/n02/c.JPEG", "val/n02/v.JPEG", "val/n03/w.JPEG"}) {
      write(std::string("ILSVRC2012_img_") + name, picture(9));
    }
    write("ILSVRC2012_img_train/n01/.hidden.JPEG", "");
    write("ILSVRC2012_img_train/n01/notes.txt", "");
    write("ILSVRC2012_img_train/README", "");
  }
  // As if nothing had changed there for an hour.
  void settle() const {
    for (const char* folder : {"n01", "n02", "n03"}) {
      const fs::path path = root / "ILSVRC2012_img_train" / folder;
      fs::last_write_time(path, an_hour_ago);
    }
  }
  const fs::file_time_type an_hour_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
};

TEST_F(ImageNet, WholeIsInTheOrderOfTheWnids) {
  EXPECT_TRUE(has_split({root}));
  options.split = Split::train;
  const LoadedImages train = load();
  EXPECT_THAT(names(train.dataset),
              ElementsAre("ILSVRC2012_img_train/n01/z.JPEG", "ILSVRC2012_img_train/n02/c.JPEG",
                          "ILSVRC2012_img_train/n03/a.JPEG", "ILSVRC2012_img_train/n03/b.JPEG"));
  EXPECT_THAT(train.dataset.labels(), ElementsAre(0, 1, 2, 2));
  EXPECT_TRUE(fs::exists(train.root / train.dataset.name(0)));
  options.split = Split::test;
  const Dataset test = load().dataset;
  EXPECT_THAT(test.labels(), ElementsAre(1, 2));  // numbered as the train images are
  EXPECT_THAT(test.class_names(), ElementsAre("n01", "n02", "n03"));
  options.split = Split::all;
  EXPECT_THAT(load().dataset.labels(), ElementsAre(0, 1, 2, 2, 1, 2));
  options.labels = LabelSource::none;
  EXPECT_FALSE(load().dataset.has_labels());
}

TEST_F(ImageNet, ASubsetIsInTheOrderOfItsList) {
  write("two.txt", "n03 crane, bird\n\nn02\r\n");
  options.subset = (root / "two.txt").string();
  options.split = Split::train;
  const Dataset train = load().dataset;
  EXPECT_THAT(names(train),
              ElementsAre(EndsWith("n03/a.JPEG"), EndsWith("n03/b.JPEG"), EndsWith("n02/c.JPEG")));
  EXPECT_THAT(train.labels(), ElementsAre(0, 0, 1));
  EXPECT_THAT(train.class_names(), ElementsAre("crane, bird", "n02"));
  options.split = Split::test;
  EXPECT_THAT(load().dataset.labels(), ElementsAre(0, 1));
}

TEST_F(ImageNet, MissingClassesAreCounted) {
  options.split = Split::train;
  options.subset = "imagenet_50";
  EXPECT_THAT(complaint({root}, Fault::data),
              AllOf(HasSubstr("50 class folders of imagenet_50"), HasSubstr("50 of them"),
                    HasSubstr("n01601694")));
  write("list.txt", "n01 a\nn07 b\nn02 c\n");
  options.subset = (root / "list.txt").string();
  EXPECT_THAT(complaint({root}, Fault::data),
              AllOf(HasSubstr("the 3 class folders"), HasSubstr("1 of them"), HasSubstr("n07")));
}

TEST_F(ImageNet, ASplitThatIsNotThereIsRefused) {
  fs::remove_all(root / "ILSVRC2012_img_train");
  EXPECT_FALSE(has_split({root}));
  EXPECT_EQ(load().dataset.size(), 2);
  options.split = Split::train;
  EXPECT_THAT(complaint({root}, Fault::usage), HasSubstr("must hold ILSVRC2012_img_train"));
}

TEST_F(ImageNet, OnlyItHasSubsets) {
  write("photos/a.png", picture(1));
  options.subset = "imagenet_50";
  EXPECT_THAT(complaint({root / "photos"}, Fault::usage), HasSubstr("only ImageNet has subsets"));
}

TEST_F(ImageNet, PublishedSubsetsAreBuiltIn) {
  EXPECT_EQ(read_imagenet_subset("imagenet_50").size(), 50u);
  EXPECT_EQ(read_imagenet_subset("imagenet_100").size(), 100u);
  const std::vector<SubsetClass> classes = read_imagenet_subset("imagenet_200");
  ASSERT_EQ(classes.size(), 200u);
  EXPECT_EQ(classes[0].wnid, "n01443537");
  EXPECT_EQ(classes[0].name, "goldfish, Carassius auratus");
}

TEST_F(ImageNet, ListsThatAreNoneAreRefused) {
  options.subset = "imagenet50";
  EXPECT_THAT(complaint({root}, Fault::usage), EndsWith("Did you mean imagenet_50?"));
  for (const auto& [list, wrong] : {std::pair("n01 a\nn02 b\nn01 c\n", ":3: "),
                                    {"n01 a\n../n02 b\n", ":2: "},
                                    {"\n", "It is empty"}}) {
    write("list.txt", list);
    options.subset = (root / "list.txt").string();
    EXPECT_THAT(complaint({root}, Fault::usage), HasSubstr(wrong));
  }
}

TEST_F(ImageNet, FoldersThatDidNotChangeAreNotReadAgain) {
  settle();
  options.split = Split::train;
  options.cache_directory = root / "cache";
  const std::string fingerprint = load().dataset.fingerprint();
  EXPECT_EQ(load().dataset.fingerprint(), fingerprint);
  write("ILSVRC2012_img_train/n02/new.JPEG", picture(3));
  settle();  // hides that the folder changed
  EXPECT_EQ(load().dataset.fingerprint(), fingerprint);
  fs::last_write_time(root / "ILSVRC2012_img_train/n02", fs::file_time_type::clock::now());
  EXPECT_EQ(load().dataset.size(), 5);
}

TEST_F(ImageNet, AFolderJustChangedIsNotRememberedYet) {
  options.split = Split::train;
  options.cache_directory = root / "cache";
  const fs::path folder = root / "ILSVRC2012_img_train/n02";
  const auto time = fs::last_write_time(folder);
  EXPECT_EQ(load().dataset.size(), 4);
  write("ILSVRC2012_img_train/n02/new.JPEG", picture(3));
  fs::last_write_time(folder, time);  // as if within one tick of the clock
  EXPECT_EQ(load().dataset.size(), 5);
}

TEST_F(ImageNet, ADamagedIndexIsMadeAgain) {
  settle();
  const fs::path parent = root / "ILSVRC2012_img_train", index = root / "cache/index";
  FileCount found(observer);
  const auto count = [&] {
    return list_folders(parent, {"n01", "n03"}, index, 2, found)[1].files.size();
  };
  EXPECT_EQ(count(), 2u);
  const std::string whole = read_file(index);
  for (size_t length = 0; length < whole.size(); length += 7) {
    write("cache/index", whole.substr(0, length));
    EXPECT_EQ(count(), 2u) << length;
    EXPECT_EQ(read_file(index), whole);
  }
  std::string other = whole;
  other[40] ^= 1;
  write("cache/index", other);
  EXPECT_EQ(count(), 2u);
}

TEST_F(ImageNet, AnIndexThatCannotBeWrittenIsDoneWithout) {
  settle();
  write("cache", "a file where the folder would be");
  options.cache_directory = root / "cache";
  options.split = Split::train;
  EXPECT_EQ(load().dataset.size(), 4);
}

}  // namespace
}  // namespace nolabel
