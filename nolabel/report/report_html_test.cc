#include "nolabel/report/report_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <span>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/encode.h"
#include "nolabel/report/editor_data.h"
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

std::string from_base64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    group = group << 6 | static_cast<uint32_t>(digits.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits & 255);
  }
  return bytes;
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

// tools/check_editor.py opens these pages in a browser.
TEST(ReportHtml, WritesTheEditorForABrowser) {
  const char* wanted = std::getenv("NOLABEL_SAMPLE_EDITOR");
  const std::filesystem::path folder = wanted ? wanted : testing::TempDir();
  const auto sample = sample_report(200, 4);
  sample->data.editor = sample_editor(*sample);
  write_file(folder / "static.html", report_html(sample->data));
  sample->data.editor->live = true;
  sample->data.editor->alike.reset();
  write_file(folder / "live.html", report_html(sample->data));
  EXPECT_THAT(read_file(folder / "static.html"), HasSubstr("</html>"));
}

TEST(ReportHtml, AllowsRequestsOnlyToALivePage) {
  const auto sample = sample_report(20, 2);
  sample->data.editor = sample_editor(*sample);
  EXPECT_THAT(report_html(sample->data), Not(HasSubstr("connect-src")));
  sample->data.editor->live = true;
  EXPECT_THAT(report_html(sample->data), HasSubstr("connect-src 'self';"));
}

TEST(ReportHtml, CanBeReadBackAndShownByAServer) {
  const auto sample = sample_report(20, 2);
  sample->data.made_from = "0123";
  const std::string html = report_html(sample->data);
  const auto page = page_of_report(html);
  ASSERT_TRUE(page);
  EXPECT_EQ(*page, data_of(html));
  EXPECT_EQ(page->at("made_from"), "0123");
  ReportEditor editor = sample_editor(*sample);
  editor.live = true;
  auto expected = *page;
  expected["editor"] = editor_json(editor);
  const std::string live = LivePage(*page).html(editor);
  EXPECT_EQ(data_of(live), expected);
  EXPECT_THAT(live, HasSubstr("connect-src 'self';"));
  for (const std::string& other : {std::string(), html.substr(0, html.size() / 2)}) {
    EXPECT_FALSE(page_of_report(other));
  }
}

TEST(ReportHtml, HasAnEditorOnlyWhereItFits) {
  const auto sample = sample_report(20, 2);
  EXPECT_TRUE(data_of(report_html(sample->data)).at("editor").is_null());
  sample->data.editor = sample_editor(*sample);
  const auto data = data_of(report_html(sample->data));
  EXPECT_EQ(data.at("editor").at("images").at("path").size(), 20u);
  EXPECT_EQ(data.at("originals"), "photos%20%23%3F");
  sample->data.editor->images.resize(100'000);
  sample->data.editor->alike.reset();
  sample->data.max_bytes = 1'000'000;
  const auto small = data_of(report_html(sample->data));
  EXPECT_TRUE(small.at("editor").is_null());
  EXPECT_THAT(small.at("no_editor").get<std::string>(), HasSubstr("100000 images"));
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
  for (const char* outside : {"src=\"http", "href=\"http", "url(http", "@import", "connect-src"}) {
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

// Pixels of the shorter side of the smallest and the largest thumbnail.
std::pair<int, int> thumbnail_sides(const nlohmann::json& data) {
  int least = 1 << 30, most = 0;
  for (const auto& picture : data.at("pictures")) {
    const std::string uri = picture.at("uri");
    const std::string jpeg = from_base64(uri.substr(uri.find(',') + 1));
    const Image image = decode_image(std::as_bytes(std::span(jpeg)));
    least = std::min({least, image.height, image.width});
    most = std::max(most, std::min(image.height, image.width));
  }
  return {least, most};
}

TEST(ReportHtml, HasPicturesOfTwice160PixelsWhereTheBudgetAllows) {
  const auto sample = sample_report(30, 3, /*side=*/400);
  EXPECT_EQ(thumbnail_sides(data_of(report_html(sample->data))), std::pair(320, 320));
  sample->data.max_bytes = 1'000'000;
  EXPECT_EQ(thumbnail_sides(data_of(report_html(sample->data))), std::pair(240, 240));
  // Rather fewer pictures than smaller ones.
  sample->data.max_bytes = 300'000;
  const auto data = data_of(report_html(sample->data));
  EXPECT_EQ(thumbnail_sides(data), std::pair(160, 160));
  EXPECT_LT(data.at("pictures").size(), 30u);
}

TEST(ReportHtml, MakesPicturesFromTheFilesWhereTheDataSetHoldsSmallerOnes) {
  const auto sample = sample_report(12, 2, /*side=*/40);
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "originals";
  std::filesystem::create_directories(folder);
  for (int i = 0; i < 12; ++i) {
    sample->data.names[i] = "a #" + std::to_string(i) + ".png";
    write_file(folder / sample->data.names[i], encode_png(noise_picture(200, 0, i).view()));
  }
  sample->data.folder = folder;
  EXPECT_EQ(thumbnail_sides(data_of(report_html(sample->data))), std::pair(200, 200));
  std::filesystem::remove(folder / sample->data.names[3]);
  EXPECT_EQ(thumbnail_sides(data_of(report_html(sample->data))), std::pair(40, 200));
}

TEST(ReportHtml, LinksToTheOriginalFiles) {
  const auto sample = sample_report(40, 3);
  sample->data.originals = "../my%20photos/";
  sample->data.names[2] = "a b/100% #1?.jpg";
  sample->data.names[3] = "/far/away.jpg";
  const auto data = data_of(report_html(sample->data));
  std::set<std::string> files;
  for (const auto& picture : data.at("pictures")) files.insert(picture.at("file"));
  EXPECT_TRUE(files.contains("../my%20photos/a%20b/100%25%20%231%3F.jpg"));
  EXPECT_TRUE(files.contains("file:///far/away.jpg"));
  sample->data.originals.clear();
  EXPECT_FALSE(data_of(report_html(sample->data)).at("pictures").at(0).contains("file"));
}

TEST(ReportHtml, ListsTheFirstSkippedFilesAndCountsAll) {
  const auto sample = sample_report(10, 2);
  sample->data.skipped.clear();
  for (size_t i = 0; i < kListedSkipped + 5; ++i) sample->data.skipped.push_back({"f.txt", "why"});
  const auto skipped = data_of(report_html(sample->data)).at("skipped");
  EXPECT_EQ(skipped.at("count"), kListedSkipped + 5);
  EXPECT_EQ(skipped.at("files").size(), kListedSkipped);
  EXPECT_EQ(skipped.at("files").at(0), nlohmann::json({"f.txt", "why"}));
}

TEST(ReportHtml, NamesOnlyClustersThatAgreeWithTheirClass) {
  const auto sample = sample_report(200, 4);
  EXPECT_EQ(data_of(report_html(sample->data)).at("clusters").at(1).at("name"), "<b>class 1");
  // The same clusters, and labels that have nothing to do with them.
  for (size_t i = 0; i < 200; ++i) sample->data.labels[i] = static_cast<int>(i / 50);
  Matrix<float> probabilities(200, 5);
  for (int i = 0; i < 200; ++i) probabilities.at(i, sample->data.assignments[i].cluster) = 1;
  sample->data.methods[0].labels = evaluate_labels(probabilities, sample->data.labels, 4);
  for (int k = 0; k < 4; ++k) {
    EXPECT_EQ(data_of(report_html(sample->data)).at("clusters").at(k).at("name"),
              "cluster " + std::to_string(k));
  }
}

TEST(ReportHtml, SaysThatFoldersWereTakenAsLabelsOnlyWhereTheyWere) {
  const auto sample = sample_report(40, 2);
  // As a list file can have it: every label is a folder in its path all the same.
  sample->data.class_names = {"cats", "dogs"};
  for (int i = 0; i < 40; ++i) {
    sample->data.names[i] = sample->data.class_names[sample->data.labels[i]] + "/x.jpg";
  }
  EXPECT_FALSE(data_of(report_html(sample->data)).at("folders_are_labels"));
  sample->data.labels_from_folders = true;
  EXPECT_TRUE(data_of(report_html(sample->data)).at("folders_are_labels"));
}

TEST(ReportHtml, CarriesWhatIsKnownOfLabelsInTheBackbone) {
  const auto sample = sample_report(10, 2);
  sample->data.backbone_labels = "Labels took part.";
  EXPECT_EQ(data_of(report_html(sample->data)).at("backbone_labels"), "Labels took part.");
  sample->data.backbone_labels.reset();
  EXPECT_TRUE(data_of(report_html(sample->data)).at("backbone_labels").is_null());
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
