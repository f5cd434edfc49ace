#include "nolabel/edits/json_file.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/path_text.h"
#include "nolabel/edits/error_testing.h"

namespace nolabel {
namespace {

std::string refusal(const std::string& text) {
  return error_of([&] { JsonFile("f.json", Fault::data).parse(text); });
}

TEST(JsonFile, RefusesWhatIsNotJson) {
  EXPECT_EQ(refusal("[1, {\"a\": 2}]"), "");
  EXPECT_EQ(refusal("[1,"), "data: f.json must be JSON. It is not at byte 4.");
  EXPECT_EQ(refusal(""), "data: f.json must be JSON. It is not at byte 1.");
  EXPECT_EQ(refusal("{} {}"), "data: f.json must be JSON. It is not at byte 4.");
  EXPECT_EQ(refusal("[\"\xff\"]"), "data: f.json must be JSON. It is not at byte 3.");
  EXPECT_EQ(refusal("[1e999]"), "data: f.json must be JSON. It has too large a number at byte 6.");
}

TEST(JsonFile, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(refusal(R"([{"a": {"b": 1}, "b": 1}, {"a": 1}])"), "");
  EXPECT_EQ(refusal(R"([{"a": [{}], "a": 1}])"),
            "data: f.json must have each key of an object once. Received a twice.");
}

TEST(JsonFile, RefusesDeepNesting) {
  const auto nested = [](size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_EQ(refusal(nested(16)), "");
  for (const std::string& text : {nested(17), nested(1'000'000), std::string(1'000'000, '[')}) {
    EXPECT_EQ(
        refusal(text),
        "data: f.json must have at most 16 levels of lists and objects. Received more levels.");
  }
}

TEST(JsonFile, ReadsLongListsBeforeTheTestTimesOut) {
  std::string text = "[{}";
  for (int i = 0; i < 1'000'000; ++i) text += ",{}";
  EXPECT_EQ(JsonFile("f.json", Fault::data).parse(text + "]").size(), 1'000'001u);
}

TEST(JsonFile, TakesNumbersThatFitOnly) {
  const JsonFile file("f.json", Fault::usage);
  const auto number = [&](const char* text) {
    return error_of([&] { EXPECT_EQ(file.number(file.parse(text), 0, 9, "0 to 9"), 9); });
  };
  EXPECT_EQ(number("9"), "");
  for (const char* text : {"10", "-1", "9.0", "\"9\"", "null", "true", "4294967305",
                           "18446744073709551615", "-9223372036854775808"}) {
    EXPECT_EQ(number(text), format("usage: f.json must have 0 to 9. Received {}.", text));
  }
}

TEST(JsonFile, ReadsPathsOfAnyBytes) {
  const JsonFile file("f.json", Fault::usage);
  EXPECT_EQ(file.path("a/b.jpg", "a path"), "a/b.jpg");
  EXPECT_EQ(file.path("bytes:%FF%25.jpg", "a path"), "\xff%.jpg");
  EXPECT_EQ(error_of([&] { file.path("bytes:%F", "a path"); }),
            "usage: f.json must have a path. Received bytes:%F.");
  EXPECT_EQ(error_of([&] { file.path("", "a path"); }),
            "usage: f.json must have a path. Received \"\".");
}

TEST(ShownText, IsOneShortLine) {
  EXPECT_EQ(shown_text("é/ü.jpg"), "é/ü.jpg");
  EXPECT_EQ(shown_text("a\nb\x7f\xc2\x85"), "a\\x0ab\\x7f\\xc2\\x85");
  EXPECT_EQ(shown_text("\xff"), "bytes:%FF");
  EXPECT_EQ(shown_text(std::string(100, 'x')), std::string(100, 'x'));
  const std::string cut = shown_text("x" + std::string(1'000'000, '\n') + "é");
  EXPECT_LT(cut.size(), 120u);
  // A character of two bytes is not cut into halves.
  std::string two_bytes = "x";
  for (int i = 0; i < 80; ++i) two_bytes += "é";
  EXPECT_TRUE(is_utf8(shown_text(two_bytes)));
}

}  // namespace
}  // namespace nolabel
