#include "nolabel/base/path_text.h"

#include <gtest/gtest.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

TEST(IsUtf8, AcceptsWellFormedCharacters) {
  for (const char* text : {"", "plain", "été", "写真", "🐸", "\U0010FFFF", "\ud7ff"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
}

TEST(IsUtf8, RefusesOtherBytes) {
  for (const char* text :
       {"\xe9t\xe9", "\x80", "\xc0\xaf", "\xc3", "\xe0\x80\xaf", "\xed\xa0\x80", "\xe5\x86",
        "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"}) {
    EXPECT_FALSE(is_utf8(text)) << path_to_json(text);
  }
}

TEST(PathText, KeepsWhatIsUtf8) {
  EXPECT_EQ(path_to_json("a b/été.jpg"), "a b/été.jpg");
}

TEST(PathText, DifferentBytesStayDifferent) {
  EXPECT_EQ(path_to_json("\xe9 %.jpg"), "bytes:%E9%20%25.jpg");
  EXPECT_NE(path_to_json("\xe9.jpg"), path_to_json("\xe8.jpg"));
  EXPECT_NE(path_to_json("\xe9.jpg"), path_to_json("bytes:%E9.jpg"));
}

TEST(PathText, ReadsBackWhatItWrote) {
  for (const char* path : {"", "a b/été.jpg", "\xe9 %41\n.jpg", "bytes:", "bytes:%41"}) {
    EXPECT_EQ(path_from_json(path_to_json(path)), path);
  }
  for (const char* text : {"bytes:%4", "bytes:%", "bytes:%GG"}) {
    EXPECT_THROW(path_from_json(text), Error) << text;
  }
}

}  // namespace
}  // namespace nolabel
