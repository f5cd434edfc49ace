#include "nolabel/edits/edit_log.h"

#include <gtest/gtest.h>

#include "nolabel/base/file.h"
#include "nolabel/edits/error_testing.h"

namespace nolabel {
namespace {

const std::string kContent(32, '1');

std::string log_error(const std::string& content) {
  const TemporaryDirectory run;
  write_file(run.path() / "edit-log.json", content);
  std::string error = error_of([&] { read_edit_log(run.path()); });
  const size_t name = error.find(run.path().string() + "/");
  return name == std::string::npos ? error : error.erase(name, run.path().string().size() + 1);
}

// A log with one document.
std::string log_with(const std::string& asked, const std::string& contents = "{}",
                     const std::string& made = "[]") {
  return R"({"format": 1, "edits": [{"asked": )" + asked + R"(, "contents": )" + contents +
         R"(, "made": )" + made + "}]}";
}

TEST(EditLog, IsReadAsItWasWritten) {
  const TemporaryDirectory run;
  EXPECT_TRUE(read_edit_log(run.path()).empty());
  const std::vector<AppliedEdits> log = {
      {.asked = {.names = {{3, "é"}}, .merge = {{4, 1}}, .split = {{2, 3}}, .move = {{"\xff", 4}}},
       .contents = {{"\xff", {1, 2}}},
       .made = {{5, 2, {{3, 4}, {5, ~uint64_t{0}}}}, {6, 2, {}}}},
      {.asked = {.junk = {"b"}, .keep = {"c"}}, .contents = {{"b", {}}, {"c", {9, 9}}}}};
  write_edit_log(run.path(), log);
  EXPECT_EQ(read_edit_log(run.path()), log);
  write_edit_log(run.path(), {});
  EXPECT_TRUE(read_edit_log(run.path()).empty());
}

TEST(EditLog, IsRefusedWhenANewerVersionWroteIt) {
  EXPECT_EQ(
      log_error(R"({"format": 2, "steps": []})"),
      "usage: edit-log.json was written by a newer version of nolabel (format 2). This one reads "
      "up to 1.");
}

TEST(EditLog, IsRefusedWhenMalformed) {
  const std::string content = R"({"a": ")" + kContent + "\"}";
  EXPECT_EQ(log_error(log_with(R"({"junk": ["a"]})", content)), "");
  EXPECT_EQ(log_error(log_with(R"({"junk": ["a", "b"]})", content)),
            "data: edit-log.json must have the content of every path. Received none of b.");
  EXPECT_EQ(log_error(log_with("{}", R"({"a": "12"})")),
            "data: edit-log.json must have contents as 32 hexadecimal digits. Received \"12\".");
  EXPECT_EQ(log_error(log_with(R"({"junk": 1})")),
            "data: edit-log.json must have junk as a list of paths. Received 1.");
  const std::string split = R"({"split": [{"cluster": 2, "into": 2}]})";
  const std::string five = R"({"id": 5, "from": 2, "contents": []})";
  EXPECT_EQ(log_error(log_with(split, "{}", "[" + five + "]")), "");
  EXPECT_EQ(
      log_error(log_with(split)),
      "data: edit-log.json must have the 1 clusters that were made from cluster 2. Received 0.");
  EXPECT_EQ(log_error(log_with("{}", "{}", "[" + five + "]")),
            "data: edit-log.json must have in made only parts of a split. Received others.");
  EXPECT_EQ(log_error(log_with(R"({"split": [{"cluster": 2, "into": 3}]})", "{}",
                               "[" + five + "," + five + "]")),
            "data: edit-log.json must have each cluster made once. Received 5.");
  for (const char* text :
       {"", "[]", "{}", R"({"edits": []})", R"({"format": 0, "edits": []})", R"({"format": 1})",
        R"({"format": 1, "edits": {}})", R"({"format": 1, "edits": [{}]})",
        R"({"format": 1, "edits": [], "more": 1})", R"({"format": 1, "edits": [)"}) {
    EXPECT_TRUE(log_error(text).starts_with("data: edit-log.json must ")) << text;
  }
}

TEST(EditLog, LosesItsLastDocumentByUndo) {
  std::vector<AppliedEdits> log(2);
  log[0].asked.names[1] = "cats";
  EXPECT_TRUE(undo(log));
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].asked.names.at(1), "cats");
  EXPECT_TRUE(undo(log));
  EXPECT_FALSE(undo(log));
}

}  // namespace
}  // namespace nolabel
