// docs/own-photos.md, typed as it stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/file.h"
#include "tests/tiny_run.h"
#include "tests/typed_page.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(OwnPhotos, EveryCommandOfThePageWorks) {
  const fs::path home = new_reader_home("own_photos");
  const std::vector<std::string> lines = typed_lines(page_text("docs/own-photos.md"), {"```sh"});
  ASSERT_GE(lines.size(), 15u);
  EXPECT_EQ(type_lines(home, lines), "");
  const std::string printed = read_file(home / "output");
  EXPECT_THAT(printed, HasSubstr("cluster 3 is named my favourites"));
  EXPECT_THAT(printed, HasSubstr("1 image is junk (dog/0000.jpg)"));
  EXPECT_THAT(read_file(home / "new.csv"), HasSubstr("my favourites"));
  EXPECT_TRUE(fs::is_directory(home / "sorted/my favourites"));
  EXPECT_TRUE(fs::is_directory(home / "dataset/my favourites"));
  EXPECT_THAT(printed, HasSubstr("1 new, 0 changed, 1 moved, 0 gone"));
  EXPECT_THAT(printed, HasSubstr("1 of the new images are near-duplicates of known ones"));
  EXPECT_THAT(read_file(home / "groups.jsonl"), HasSubstr("\"name\":\"my favourites\""));
}

}  // namespace
}  // namespace nolabel
