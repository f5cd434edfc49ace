#include "nolabel/pipeline/export_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/csv.h"
#include "nolabel/base/path_text.h"

namespace nolabel {
namespace {

using nlohmann::json;
using testing::ElementsAre;

const std::vector<ClusterIdentity> tabled_clusters = {
    {4, "cats, \"large\"", ""}, {7, "", ""}, {8, "two", ""}, {9, "two", ""}};

const std::string hostile = "-a\n\",\xe9.jpg";

std::vector<ResultImage> three_images() {
  return {{.path = hostile,
           .assignment = {4, 0.9f, 7, 0.1f},
           .status = ImageStatus::junk,
           .label = "tiger"},
          {.path = "b.jpg", .assignment = {7, 1.f, -1, 0}, .status = ImageStatus::ok},
          {.path = "c.jpg", .assignment = {9, 0.25f, 8, 0.25f}}};
}

std::vector<json> lines(const std::string& text) {
  std::vector<json> objects;
  for (size_t at = 0, end; (end = text.find('\n', at)) != text.npos; at = end + 1) {
    objects.push_back(json::parse(text.substr(at, end - at)));
  }
  return objects;
}

TEST(ExportTables, CsvReadsBack) {
  const std::string text = export_csv(tabled_clusters, three_images());
  EXPECT_TRUE(text.starts_with(export_csv_beginning));
  const std::vector<CsvRow> rows = parse_csv(text, "");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_THAT(rows[0].fields, ElementsAre("path", "cluster", "name", "confidence", "runner_up",
                                          "runner_up_confidence", "status", "label"));
  EXPECT_THAT(rows[1].fields,
              ElementsAre(hostile, "4", "cats, \"large\"", "0.9", "7", "0.1", "junk", "tiger"));
  EXPECT_THAT(rows[2].fields, ElementsAre("b.jpg", "7", "", "1", "", "", "ok", ""));
  EXPECT_THAT(rows[3].fields, ElementsAre("c.jpg", "9", "two", "0.25", "8", "0.25", "", ""));
}

TEST(ExportTables, CsvHasNoColumnOfLabelsWithoutLabels) {
  std::vector<ResultImage> images = three_images();
  images.erase(images.begin());
  EXPECT_EQ(parse_csv(export_csv(tabled_clusters, images), "")[0].fields.back(), "status");
}

TEST(ExportTables, JsonLinesHaveTypes) {
  const std::string text = export_json_lines(tabled_clusters, three_images());
  EXPECT_TRUE(text.starts_with(export_json_lines_beginning));
  const std::vector<json> objects = lines(text);
  ASSERT_EQ(objects.size(), 3u);
  EXPECT_EQ(objects[0], (json{{"path", path_to_json(hostile)},
                              {"cluster", 4},
                              {"name", "cats, \"large\""},
                              {"confidence", 0.9},
                              {"runner_up", 7},
                              {"runner_up_confidence", 0.1},
                              {"status", "junk"},
                              {"label", "tiger"}}));
  EXPECT_EQ(
      objects[1],
      (json{
          {"path", "b.jpg"}, {"cluster", 7}, {"name", ""}, {"confidence", 1.0}, {"status", "ok"}}));
  EXPECT_FALSE(objects[2].contains("status"));
}

TEST(ExportTables, CocoJoinsImagesAndCategories) {
  const std::string text = export_coco(tabled_clusters, three_images(),
                                       {PixelSize{2, 3}, std::nullopt, PixelSize{5, 4}}, "/photos");
  EXPECT_TRUE(text.starts_with(export_coco_beginning));
  const json coco = json::parse(text);
  EXPECT_EQ(coco["info"]["folder"], "/photos");
  ASSERT_EQ(coco["categories"].size(), 4u);
  EXPECT_EQ(coco["categories"][1],
            (json{{"id", 2}, {"name", "cluster 7"}, {"supercategory", "cluster"}, {"cluster", 7}}));
  EXPECT_EQ(coco["categories"][3]["name"], "two (9)");
  ASSERT_EQ(coco["images"].size(), 3u);
  EXPECT_EQ(coco["images"][0],
            (json{{"id", 1}, {"file_name", path_to_json(hostile)}, {"width", 3}, {"height", 2}}));
  EXPECT_FALSE(coco["images"][1].contains("width"));
  EXPECT_EQ(coco["annotations"][2],
            (json{{"id", 3}, {"image_id", 3}, {"category_id", 4}, {"score", 0.25}}));
  EXPECT_EQ(coco["annotations"][0]["status"], "junk");
}

}  // namespace
}  // namespace nolabel
