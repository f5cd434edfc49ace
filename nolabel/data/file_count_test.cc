#include "nolabel/data/file_count.h"

#include <gmock/gmock.h>

#include <thread>

#include "nolabel/data/listing.h"
#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

using FileCountTest = FolderTest;

TEST_F(FileCountTest, ShowsWhatWasFoundSoFarOfAnUnknownTotal) {
  std::vector<Progress> shown;
  observer.progress = [&](const Progress& progress) { shown.push_back(progress); };
  FileCount count(observer);
  count.add(3);
  EXPECT_TRUE(shown.empty()) << "a short listing shows nothing";
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  count.add(4);
  count.add(1);
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_EQ(shown[0].stage, "listing");
  EXPECT_EQ(shown[0].done, 7);
  EXPECT_EQ(shown[0].total, 0);
  EXPECT_EQ(shown[0].unit, "files");
}

TEST_F(FileCountTest, EverySourceOfManyFilesStopsOnRequest) {
  write("photos/a/1.png", picture(1));
  write("photos/empty/none.txt", "");
  write("ILSVRC2012_img_train/n01/1.JPEG", picture(1));
  write("list.csv", "photos/a/1.png\n");
  observer.cancel.request();
  FileCount count(observer);
  EXPECT_THROW(list_folder(root / "photos/empty", options, count), Error);
  EXPECT_THROW(list_folder(root / "photos", options, count), Error);
  EXPECT_THROW(list_imagenet(root, options, count), Error);
  EXPECT_THROW(list_list_file(root / "list.csv", options, count), Error);
}

}  // namespace
}  // namespace nolabel
