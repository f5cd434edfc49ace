#include "nolabel/run/image_list.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

ImageList list_of(const std::vector<std::pair<std::string, std::string>>& names_and_bytes) {
  ImageList list;
  for (const auto& [name, bytes] : names_and_bytes)
    list.images.push_back({name, content_id(bytes)});
  return list;
}

TEST(ImageListChange, SaysWhatIsNewGoneChangedAndRenamed) {
  const ImageList was = list_of({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}});
  EXPECT_EQ(image_list_change(was, was), "");
  EXPECT_EQ(image_list_change(was, list_of({{"a", "1"}, {"b", "5"}, {"e", "3"}, {"f", "6"}})),
            "1 new (f), 1 gone (d), 1 with another content (b), 1 renamed (c is now e)");
  EXPECT_EQ(image_list_change(was, list_of({{"b", "2"}, {"a", "1"}, {"c", "3"}, {"d", "4"}})),
            "their order");
}

TEST(ImageListChange, NamesAFewOfMany) {
  EXPECT_EQ(image_list_change({}, list_of({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}})),
            "4 new (a, b, c …)");
}

TEST(ImageListFile, IsReadAsItWasWritten) {
  const fs::path file =
      fs::path(testing::TempDir()) / format("image_list_test_{}.csv", int64_t{::getpid()});
  EXPECT_FALSE(read_image_list(file).has_value());
  ImageList list = list_of({{"a, \"quoted\".jpg", "1"}, {"\xff\n.png", "2"}});
  write_image_list(file, list);
  EXPECT_EQ(read_image_list(file)->images, list.images);
  EXPECT_EQ(read_image_list(file)->held_out, 0u);
  list.held_out = 1;
  write_image_list(file, list);
  EXPECT_EQ(read_image_list(file)->images, list.images);
  EXPECT_EQ(read_image_list(file)->held_out, 1u);
  const std::string content = content_text(list.images[0].content);
  write_file(file, format("path,content,split\na,{0},validation\nb,{0},train\n", content));
  EXPECT_THROW(read_image_list(file), Error);
  write_file(file, "path,content\na.jpg,12\n");
  EXPECT_THROW(read_image_list(file), Error);
  fs::remove(file);
}

}  // namespace
}  // namespace nolabel
