#include "nolabel/report/assignments_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

std::filesystem::path scratch(const std::string& content) {
  const auto path = std::filesystem::path(testing::TempDir()) / "assignments.csv";
  write_file(path, content);
  return path;
}

TEST(AssignmentsCsv, WritesThePublishedColumns) {
  const AssignmentTable table{{"a.jpg", "b.jpg"},
                              {{3, .9f, 1, .05f}, {0, 1, -1, 0}},
                              {ImageStatus::unsure, ImageStatus::duplicate},
                              {"cat", "dog"}};
  EXPECT_EQ(assignments_csv(table),
            "path,cluster,confidence,runner_up,runner_up_confidence,label,status\n"
            "a.jpg,3,0.9,1,0.05,cat,unsure\n"
            "b.jpg,0,1,,,dog,duplicate\n");
}

TEST(AssignmentsCsv, ClustersAreWrittenByIdAndName) {
  const AssignmentTable table{{"a.jpg", "b.jpg"},
                              {{1, .9f, 0, .05f}, {0, 1, -1, 0}},
                              {ImageStatus::ok, ImageStatus::junk},
                              {},
                              {{7, "cats, big", ""}, {3, "", ""}}};
  const std::string text = assignments_csv(table);
  EXPECT_EQ(text,
            "path,cluster,confidence,runner_up,runner_up_confidence,status,name\n"
            "a.jpg,3,0.9,7,0.05,ok,\n"
            "b.jpg,7,1,,,junk,\"cats, big\"\n");
  const AssignmentTable back = read_assignments(scratch(text));
  EXPECT_EQ(back.assignments[0].cluster, 3);
  EXPECT_EQ(back.statuses[1], ImageStatus::junk);
}

// Predictions have no status, and files of older versions neither.
TEST(AssignmentsCsv, StatusAndLabelMayBeMissing) {
  for (const bool status : {false, true}) {
    for (const bool label : {false, true}) {
      AssignmentTable table{{"a.jpg"}, {{3, .9f, 1, .05f}}, {}, {}};
      if (status) table.statuses = {ImageStatus::unsure};
      if (label) table.labels = {"cat"};
      const AssignmentTable back = read_assignments(scratch(assignments_csv(table)));
      EXPECT_EQ(back.statuses, table.statuses);
      EXPECT_EQ(back.labels, table.labels);
    }
  }
}

TEST(AssignmentsCsv, ReadsBackEveryNameAndEveryFloat) {
  AssignmentTable table;
  table.names = {"a, b.jpg", "say \"hi\".jpg", "new\nline.jpg", "é/ü.jpg"};
  table.assignments = {
      {0, 1.f / 3, 1, 1e-7f}, {1, .99999994f, 0, 6e-8f}, {1, .5f, 0, .5f}, {0, 1, -1, 0}};
  const AssignmentTable back = read_assignments(scratch(assignments_csv(table)));
  EXPECT_EQ(back.names, table.names);
  EXPECT_TRUE(back.labels.empty());
  ASSERT_EQ(back.assignments.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(back.assignments[i].cluster, table.assignments[i].cluster);
    EXPECT_EQ(back.assignments[i].confidence, table.assignments[i].confidence);
    EXPECT_EQ(back.assignments[i].runner_up, table.assignments[i].runner_up);
    EXPECT_EQ(back.assignments[i].runner_up_confidence, table.assignments[i].runner_up_confidence);
  }
}

TEST(AssignmentsCsv, SaysWhereAForeignFileIsWrong) {
  const std::string head = "path,cluster,confidence,runner_up,runner_up_confidence\n";
  for (const auto& [content, expected] : std::vector<std::pair<std::string, std::string>>{
           {"path,label\na,b\n", "the first line"},
           {head + "a.jpg,1,.5,0,.1,x\n", ":2: 5 fields are required. Received 6."},
           {head + "a.jpg,one,.5,0,.1\n", ":2: cluster must be a number. Received 'one'."},
           {"path,cluster,confidence,runner_up,runner_up_confidence,status\na.jpg,1,.5,0,.1,odd\n",
            ":2: status must be ok, unsure, duplicate or junk. Received 'odd'."},
           {"", "the first line"}}) {
    try {
      read_assignments(scratch(content));
      ADD_FAILURE() << content;
    } catch (const Error& e) {
      EXPECT_EQ(e.fault(), Fault::data);
      EXPECT_THAT(e.what(), testing::HasSubstr(expected));
    }
  }
}

}  // namespace
}  // namespace nolabel
