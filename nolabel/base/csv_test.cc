#include "nolabel/base/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

using testing::ElementsAre;

std::string message_of(std::string_view text) {
  try {
    parse_csv(text, "list.csv");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(csv, WhatIsWrittenIsReadBack) {
  const std::vector<std::vector<std::string>> rows = {
      {"plain", ""}, {"a,b", "say \"hi\""}, {"two\nlines", "\r\n"}, {""}, {"\"", "ümlaut ", "x"}};
  std::string text;
  for (const auto& row : rows) text += csv_row(row);
  const std::vector<CsvRow> back = parse_csv(text, "t");
  ASSERT_EQ(back.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(back[i].fields, rows[i]) << i;
}

TEST(csv, QuotesOnlyWhereTheyMustBe) {
  EXPECT_EQ(csv_row({"a b", "c'd", "e,f", "g\"h"}), "a b,c'd,\"e,f\",\"g\"\"h\"\n");
}

TEST(csv, ReadsWhatOthersWrite) {
  const auto rows = parse_csv(
      "\xEF\xBB\xBF"
      "a,b\r\n\r\n\"c\nd\",e\r\nf,",
      "t");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[0].fields, ElementsAre("a", "b"));
  EXPECT_THAT(rows[1].fields, ElementsAre("c\nd", "e"));
  EXPECT_THAT(rows[2].fields, ElementsAre("f", ""));
  EXPECT_EQ(rows[1].line, 3);
  EXPECT_EQ(rows[2].line, 5);
  EXPECT_TRUE(parse_csv("", "t").empty());
}

TEST(csv, OtherSeparatorsAndSpacesAroundQuotes) {
  const auto rows = parse_csv("a,b;\"c;d\" ; e\n \"f\";g", "t", ';');
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0].fields, ElementsAre("a,b", "c;d", " e"));
  EXPECT_THAT(rows[1].fields, ElementsAre("f", "g"));
}

TEST(csv, MistakesNameTheLine) {
  EXPECT_EQ(message_of("a\n\"b"), "list.csv:2: the closing quote is missing.");
  EXPECT_EQ(message_of("a\n\"b\"c\n"),
            "list.csv:2: a comma or the line's end must follow a closing quote.");
  EXPECT_EQ(message_of("a b\"c\n"), "list.csv:1: a field with a quote must stand in quotes.");
}

}  // namespace
}  // namespace nolabel
