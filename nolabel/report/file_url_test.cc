#include "nolabel/report/file_url.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

namespace fs = std::filesystem;

TEST(PercentEncoded, KeepsEveryByteOfAName) {
  EXPECT_EQ(percent_encoded("a/B-1._~.jpg"), "a/B-1._~.jpg");
  EXPECT_EQ(percent_encoded("100% #1?.jpg"), "100%25%20%231%3F.jpg");
  EXPECT_EQ(percent_encoded("caf\xC3\xA9:\xE9\\"), "caf%C3%A9%3A%E9%5C");
}

TEST(FolderUrl, IsRelativeToThePageAndFollowsLinks) {
  const fs::path root = fs::path(testing::TempDir()) / "folder_url";
  fs::remove_all(root);
  fs::create_directories(root / "my photos");
  fs::create_directories(root / "runs" / "one");
  EXPECT_EQ(folder_url(root / "my photos", root / "runs" / "one"), "../../my%20photos/");
  EXPECT_EQ(folder_url(root / "my photos" / "", root), "my%20photos/");
  EXPECT_EQ(folder_url(root, root), "./");
  fs::create_directory_symlink(root / "runs" / "one", root / "latest");
  EXPECT_EQ(folder_url(root / "my photos", root / "latest"), "../../my%20photos/");
}

}  // namespace
}  // namespace nolabel
