#include "nolabel/report/report_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/report/page_data.h"
#include "nolabel/report/sample_report_test.h"

namespace nolabel {
namespace {

using testing::HasSubstr;
using testing::Not;

// The JSON that the page draws from.
nlohmann::json data_of(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"report-data\">";
  const size_t begin = page.find(open) + open.size();
  return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

int64_t gallery_size(const nlohmann::json& data, const char* shelf) {
  int64_t pictures = 0;
  for (const auto& cluster : data.at("clusters")) {
    pictures += static_cast<int64_t>(cluster.at(shelf).size());
  }
  return pictures;
}

// tools/check_report.py opens this page in a browser.
TEST(ReportHtml, WritesTheSampleForABrowser) {
  const char* wanted = std::getenv("NOLABEL_SAMPLE_REPORT");
  const std::string path = wanted ? wanted : testing::TempDir() + "/sample_report.html";
  write_file(path, report_html(sample_report(200, 4)->data));
  EXPECT_THAT(read_file(path), HasSubstr("</html>"));
}

TEST(ReportHtml, HoldsNoTextOfTheDataOutsideOfItsJson) {
  const std::string page = report_html(sample_report(40, 3)->data);
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, HasSubstr("<title>sample &lt;img src=x onerror=alert(3)&gt; "));
  EXPECT_THAT(data_of(page).dump(), HasSubstr("<img src=x onerror=alert(1)>.jpg"));
}

TEST(ReportHtml, NamesNothingOutsideOfTheFile) {
  const std::string page = report_html(sample_report(40, 3)->data);
  for (const char* outside : {"src=\"http", "href=\"http", "url(http", "@import", "fetch("}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
}

TEST(ReportHtml, ShowsTheMostAndTheLeastConfidentOfEveryCluster) {
  const auto sample = sample_report(400, 4);
  const auto data = data_of(report_html(sample->data));
  EXPECT_EQ(data.at("clusters").size(), 5u);
  EXPECT_TRUE(data.at("clusters").at(4).at("most").empty());
  for (int k = 0; k < 4; ++k) {
    const auto& cluster = data.at("clusters").at(k);
    EXPECT_EQ(cluster.at("most").size(), 36u);
    EXPECT_EQ(cluster.at("least").size(), 18u);
    const auto confidence = [&](const char* shelf, int i) {
      return data.at("pictures")
          .at(cluster.at(shelf).at(i).get<int>())
          .at("confidence")
          .get<float>();
    };
    EXPECT_GE(confidence("most", 0), confidence("most", 1));
    EXPECT_LE(confidence("least", 0), confidence("least", 1));
    EXPECT_GE(confidence("most", 35), confidence("least", 17));
  }
}

TEST(ReportHtml, ShowsNoPictureTwiceInASmallCluster) {
  const auto data = data_of(report_html(sample_report(20, 4)->data));
  EXPECT_EQ(gallery_size(data, "most") + gallery_size(data, "least"), 20);
}

TEST(ReportHtml, KeepsItsLimitByCuttingAllGalleriesAlike) {
  const auto sample = sample_report(600, 12, /*side=*/60);
  sample->data.max_bytes = 1'000'000;
  const std::string page = report_html(sample->data);
  EXPECT_LE(static_cast<int64_t>(page.size()), sample->data.max_bytes);
  EXPECT_GE(static_cast<int64_t>(page.size()), sample->data.max_bytes * 3 / 4);
  const auto data = data_of(page);
  size_t fewest = 1000, most = 0;
  for (int k = 0; k < 12; ++k) {
    fewest = std::min(fewest, data.at("clusters").at(k).at("most").size());
    most = std::max(most, data.at("clusters").at(k).at("most").size());
  }
  EXPECT_LT(most, 34u);
  EXPECT_LE(most - fewest, 1u);
}

TEST(ReportHtml, RefusesALimitThatTheTextAloneExceeds) {
  const auto sample = sample_report(40, 3);
  sample->data.max_bytes = 20'000;
  EXPECT_THROW(report_html(sample->data), Error);
}

TEST(ReportHtml, NeedsNeitherPicturesNorLabelsNorFeatures) {
  const auto sample = sample_report(40, 3);
  ReportData& data = sample->data;
  data.images = nullptr;
  data.features = nullptr;
  data.labels.clear();
  for (auto& method : data.methods) method.labels.reset();
  const auto page = data_of(report_html(data));
  EXPECT_TRUE(page.at("map").is_null());
  EXPECT_TRUE(page.at("confusion").is_null());
  EXPECT_EQ(page.at("clusters").at(1).at("name"), "cluster 1");
  EXPECT_FALSE(page.at("pictures").at(0).contains("uri"));
}

TEST(ReportHtml, SurvivesOneImageAndNamesThatAreNotUtf8) {
  const auto sample = sample_report(1, 1);
  sample->data.names[0] = "\xff\xfe.jpg";
  const auto data = data_of(report_html(sample->data));
  EXPECT_EQ(data.at("pictures").at(0).at("name"), "\xEF\xBF\xBD\xEF\xBF\xBD.jpg");
}

TEST(ScriptJson, CannotEndItsElement) {
  EXPECT_EQ(script_json({{"</script>", "<!--"}}), R"({"\u003c/script>":"\u003c!--"})");
}

}  // namespace
}  // namespace nolabel
