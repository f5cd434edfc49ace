#include "nolabel/report/editor_data.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

ReportEditor small_editor() {
  ReportEditor editor;
  editor.clusters = {{3, "cats", "found by nolabel", 2}, {7, "", "split from cluster 3", 1}};
  editor.images = {{"a/b.jpg", 3, .93412f, EditorStatus::ok, -1},
                   {"\xff.jpg", 3, .5f, EditorStatus::unsure, 0},
                   {"c.jpg", 7, 1.f, EditorStatus::duplicate, 0},
                   {"d.jpg", 7, 0.f, EditorStatus::junk, -1}};
  editor.edits = {"1. cluster 3 is named cats"};
  editor.revision = 7;
  editor.command = "nolabel apply run edits.json";
  return editor;
}

TEST(EditorJson, HasOneArrayForEachPropertyOfTheImages) {
  EXPECT_EQ(editor_json(small_editor()), nlohmann::json::parse(R"({
    "live": false,
    "clusters": [{"id": 3, "name": "cats", "origin": "found by nolabel", "images": 2},
                 {"id": 7, "name": "", "origin": "split from cluster 3", "images": 1}],
    "images": {"path": ["a/b.jpg", "bytes:%FF.jpg", "c.jpg", "d.jpg"], "cluster": [3, 3, 7, 7],
               "confidence": [0.934, 0.5, 1.0, 0.0], "status": "oudj", "group": [-1, 0, 0, -1],
               "alike": null},
    "edits": ["1. cluster 3 is named cats"], "revision": 7, "can_undo": false,
    "command": "nolabel apply run edits.json"})"));
}

TEST(EditorJson, WritesConfidenceWithThreeDigits) {
  EXPECT_EQ(editor_json(small_editor())["images"]["confidence"].dump(), "[0.934,0.5,1.0,0.0]");
}

TEST(EditorJson, CarriesTheImagesMostAlike) {
  ReportEditor editor = small_editor();
  editor.alike = {{1, 2}, {0}, {}, {2}};
  EXPECT_EQ(editor_json(editor)["images"]["alike"].dump(), "[[1,2],[0],[],[2]]");
}

}  // namespace
}  // namespace nolabel
