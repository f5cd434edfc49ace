// A person's corrections of a run's clusters: what they change, and what they survive.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <ranges>
#include <set>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

// A run of 900 rows in 3 blobs, which nolabel finds, with the names row0.jpg …
const fs::path& blob_run() {
  static const fs::path folder = [] {
    const fs::path made = new_folder("edited_blobs");
    result_of("cluster" + feature_flags() + "--clusters 3 --out " + made.string());
    return made;
  }();
  return folder;
}

struct Line {
  int cluster;
  std::string status, name;
  bool operator==(const Line&) const = default;
};

std::map<std::string, Line> table_lines(const fs::path& file) {
  const auto rows = read_csv(file);
  const auto column = [&rows](const char* name) {
    return std::ranges::find(rows[0].fields, name) - rows[0].fields.begin();
  };
  const auto status = column("status"), name = column("name");
  std::map<std::string, Line> lines;
  for (size_t i = 1; i < rows.size(); ++i) {
    const auto& fields = rows[i].fields;
    const auto at = [&fields](ptrdiff_t place) {
      return place < std::ssize(fields) ? fields[place] : "";
    };
    lines[fields[0]] = {std::stoi(fields[1]), at(status), at(name)};
  }
  return lines;
}

std::map<std::string, Line> edited_lines(const fs::path& run) {
  return table_lines(run / "assignments.csv");
}

json applied(const fs::path& run, const json& document) {
  const fs::path file = scratch() / "document.json";
  write_file(file, document.dump());
  return result_of("apply " + run.string() + " " + file.string());
}

int64_t moved_lines(const std::map<std::string, Line>& a, const std::map<std::string, Line>& b) {
  int64_t count = 0;
  for (const auto& [path, line] : a) count += b.at(path).cluster != line.cluster;
  return count;
}

TEST(Edits, ChangeWhatTheySayAndNothingElse) {
  const fs::path run = copy_of(blob_run(), "edited");
  const auto before = edited_lines(run);
  const int first = before.at("row0.jpg").cluster, last = before.at("row899.jpg").cluster;
  const json outcome = applied(run, {{"names", {{std::to_string(first), "cats, large"}}},
                                     {"move", json::array({{{"path", "row1.jpg"}, {"to", last}},
                                                           {{"path", "row2.jpg"}, {"to", last}}})},
                                     {"junk", {"row3.jpg"}}});
  EXPECT_EQ(outcome["changed"], 3);
  EXPECT_EQ(outcome["junk"], 1);
  const auto after = edited_lines(run);
  EXPECT_EQ(after.at("row0.jpg").name, "cats, large");
  EXPECT_EQ(after.at("row1.jpg").cluster, last);
  EXPECT_EQ(after.at("row3.jpg").status, "junk");
  EXPECT_EQ(moved_lines(before, after), 2);
  // The model follows: other rows of the same kind get the name, moved ones their cluster.
  const fs::path file = scratch() / "predicted.csv";
  result_of("predict " + run.string() + feature_flags() + "--out " + file.string());
  const auto predicted = table_lines(file);
  EXPECT_EQ(predicted.at("row0.jpg").name, "cats, large");
  EXPECT_EQ(predicted.at("row1.jpg").cluster, last);
  EXPECT_LE(moved_lines(after, predicted), 9);  // 1 %
}

TEST(Edits, MergeAndSplitKeepIdentities) {
  const fs::path run = copy_of(blob_run(), "merged");
  const auto before = edited_lines(run);
  applied(run, {{"merge", {{0, 2}}}, {"split", json::array({{{"cluster", 1}, {"into", 3}}})}});
  const auto after = edited_lines(run);
  std::map<int, int> sizes;
  for (const auto& [path, line] : after) {
    ++sizes[line.cluster];
    if (before.at(path).cluster != 1) {
      EXPECT_EQ(line.cluster, 0) << path;
    }
  }
  ASSERT_EQ(sizes.size(), 4u);
  EXPECT_EQ(sizes[0], 600);
  EXPECT_EQ(sizes[1] + sizes[3] + sizes[4], 300);
  EXPECT_GE(sizes[1], sizes[3]);
  const json state = json::parse(read_file(run / "run.json"));
  EXPECT_EQ(state["final"], "edited");
  EXPECT_EQ(state["identities"][0]["origin"], "clusters 0 and 2 merged");
  EXPECT_EQ(state["found"]["identities"].size(), 3u);
  EXPECT_THAT(read_file(run / "report.html"), HasSubstr("clusters corrected by a person"));
}

TEST(Edits, UndoGoesBackStepByStep) {
  const fs::path run = copy_of(blob_run(), "undone");
  const auto found = edited_lines(run);
  applied(run, {{"merge", {{0, 1}}}});
  const auto merged = edited_lines(run);
  applied(run, {{"junk", {"row5.jpg"}}, {"names", {{"0", "both"}}}});
  result_of("undo " + run.string());
  EXPECT_EQ(edited_lines(run), merged);
  result_of("undo " + run.string());
  EXPECT_EQ(edited_lines(run), found);
  EXPECT_FALSE(fs::exists(run / "edited"));
  const Outcome none = nolabel::run("undo " + run.string());
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("no edits"));
}

TEST(Edits, WhatDoesNotExistIsRefusedByNameAndNothingIsApplied) {
  const fs::path run = copy_of(blob_run(), "refused");
  const std::string before = read_file(run / "assignments.csv");
  const fs::path file = scratch() / "wrong.json";
  for (const auto& [document, named] : std::vector<std::pair<std::string, std::string>>{
           {R"({"names": {"0": "x"}, "move": [{"path": "absent.jpg", "to": 1}]})", "absent.jpg"},
           {R"({"names": {"17": "x"}})", "17"},
           {R"({"move": [{"path": "row1.jpg", "to": 9}]})", "9"},
           {R"({"junk": "row1.jpg"})", "junk"},
           {R"({"nmaes": {}})", "nmaes"},
           {R"({"merge": [[0, 1, 2]], )", "wrong.json"},
           {R"({"merge": [[0, 1, 2]]})", "2 clusters"}}) {
    write_file(file, document);
    const Outcome outcome = nolabel::run("apply " + run.string() + " " + file.string());
    EXPECT_EQ(outcome.code, 2) << document << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(named)) << document;
    EXPECT_FALSE(fs::exists(run / "edit-log.json")) << document;
    EXPECT_EQ(read_file(run / "assignments.csv"), before) << document;
  }
}

// Corrections are about images, and not about columns of a table: a run that is clustered again, by
// the same command or into another number, keeps them.
TEST(Edits, SurviveAnotherClustering) {
  const fs::path run = copy_of(blob_run(), "clustered_again");
  applied(run, {{"names", {{"1", "middle"}}},
                {"move", json::array({{{"path", "row0.jpg"}, {"to", 1}}})},
                {"junk", {"row4.jpg"}}});
  const auto edited = edited_lines(run);
  result_of("cluster " + run.string());
  EXPECT_EQ(edited_lines(run), edited);
  result_of("cluster " + run.string() + " --force");
  EXPECT_EQ(edited_lines(run), edited);
  result_of("report --out " + run.string());
  EXPECT_EQ(edited_lines(run), edited);
  result_of("cluster " + run.string() + " --clusters 5");
  const auto five = edited_lines(run);
  EXPECT_EQ(five.at("row0.jpg"), (Line{1, "ok", "middle"}));
  EXPECT_EQ(five.at("row4.jpg").status, "junk");
}

// A cluster that is gone and found again is the same one, with its name; an id of one that is gone
// never means another one.
TEST(Edits, ClustersThatComeBackAreTheSame) {
  const fs::path run = copy_of(blob_run(), "clusters_back");
  const std::string again = "cluster " + run.string() + " --clusters ";
  json names = json::object();
  for (const json& identity : result_of(again + "8")["identities"]) {
    const std::string id = std::to_string(identity["id"].get<int>());
    names[id] = "n" + id;
  }
  applied(run, {{"names", names}});
  const auto named = edited_lines(run);
  result_of(again + "3");
  EXPECT_TRUE(fs::exists(run / "ended.csv"));
  result_of(again + "8");
  const auto back = edited_lines(run);
  int64_t other = 0;
  for (const auto& [path, line] : named) {
    const Line& now = back.at(path);
    if (now.cluster != line.cluster) ++other;
    EXPECT_TRUE(now.name.empty() || now.name == "n" + std::to_string(now.cluster)) << now.name;
  }
  EXPECT_LE(other, 45);  // 5 %: the second 8 clusters may differ a little from the first
}

// A head that could not be fitted is refused before anything is kept.
TEST(Edits, ThatLeaveTooFewImagesAreRefused) {
  const fs::path run = copy_of(blob_run(), "too_few");
  json all = json::array();
  for (int i = 0; i < 899; ++i) all.push_back(format("row{}.jpg", i));
  const fs::path file = scratch() / "all_junk.json";
  write_file(file, json{{"junk", all}}.dump());
  const Outcome outcome = nolabel::run("apply " + run.string() + " " + file.string());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("1 are left for 3"));
  EXPECT_FALSE(fs::exists(run / "edit-log.json"));
}

// Another number of clusters may ask for more images than a person has left. The edits then wait,
// what nolabel found is shown and used, and undo takes the edits back.
TEST(Edits, ThatLeaveTooFewImagesForAnotherNumberOfClustersWait) {
  const fs::path run = copy_of(blob_run(), "waiting");
  applied(run, {{"names", {{"0", "first"}}}});
  json junk = json::array();  // one image of each cluster stays
  for (int i = 0; i < 900; ++i) {
    if (i % 300 != 0) junk.push_back(format("row{}.jpg", i));
  }
  applied(run, {{"junk", junk}});
  const Outcome again = nolabel::run("cluster " + run.string() + " --clusters 8");
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("nolabel undo"));
  const auto statuses = [&run](const std::string& status) {
    return std::ranges::count(std::views::values(edited_lines(run)), status, &Line::status);
  };
  EXPECT_EQ(statuses("junk"), 0);
  EXPECT_EQ(nolabel::run("predict " + run.string() + feature_flags()).code, 0);
  EXPECT_EQ(nolabel::run("report --out " + run.string()).code, 0);
  EXPECT_EQ(nolabel::run("apply " + run.string()).code, 0);
  EXPECT_EQ(statuses("junk"), 0);
  EXPECT_NE(json::parse(read_file(run / "run.json"))["final"], "edited");
  EXPECT_EQ(nolabel::run("predict --model edited " + run.string() + feature_flags()).code, 2);
  const json listed = result_of("edits " + run.string());
  EXPECT_EQ(listed["waiting"], true);
  EXPECT_EQ(listed["junk"], 0);
  EXPECT_EQ(listed["clusters"].size(), 8u);
  EXPECT_THAT(read_file(run / "report.html"), HasSubstr("nolabel undo"));
  result_of("undo " + run.string());
  EXPECT_EQ(json::parse(read_file(run / "run.json"))["final"], "edited");
  const auto named = edited_lines(run);
  EXPECT_GT(std::ranges::count(std::views::values(named), "first", &Line::name), 0);
  result_of("undo " + run.string());
  EXPECT_EQ(nolabel::run("undo " + run.string()).code, 2);
}

// Where training changed the backbone, a head learns the edits from what that backbone sees.
TEST(Edits, HoldForAModelThatTrainedItsBackbone) {
  const fs::path run = copy_of(clustered(), "edited_network");
  ASSERT_EQ(nolabel::run("report --out " + run.string()).code, 0);
  const auto before = edited_lines(run);
  const int first = before.begin()->second.cluster;
  applied(run, {{"split", json::array({{{"cluster", first}, {"into", 2}}})},
                {"names", {{std::to_string(first), "one half"}}}});
  EXPECT_EQ(json::parse(read_file(run / "run.json"))["final"], "edited");
  const auto after = edited_lines(run);
  const auto half = std::ranges::count(std::views::values(after), "one half", &Line::name);
  EXPECT_GT(half, 0);
  EXPECT_GT(moved_lines(before, after), 0);
  const fs::path file = scratch() / "predicted_network.csv";
  result_of("predict " + run.string() + " " + images().string() + " --out " + file.string());
  const auto predicted = table_lines(file);
  EXPECT_LE(moved_lines(after, predicted), 1);
  EXPECT_NEAR(std::ranges::count(std::views::values(predicted), "one half", &Line::name), half, 1);
  EXPECT_EQ(nolabel::run("report --out " + run.string()).code, 0);
  EXPECT_EQ(edited_lines(run), after);
  result_of("undo " + run.string());
  EXPECT_EQ(edited_lines(run), before);
}

// Clusters that SCAN finds by hand are others, and the edits do not apply to them.
TEST(Edits, AreSetAsideWhenScanIsTrainedByHand) {
  const fs::path run = copy_of(blob_run(), "scan_by_hand");
  applied(run, {{"merge", {{0, 1}}}, {"names", {{"2", "rest"}}}});
  const Outcome trained = nolabel::run("scan --out " + run.string() +
                                       " --num-classes 3 --epochs 1 --update-cluster-head-only "
                                       "--force");
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("edit-log-before-scan.json"));
  const Outcome listed = nolabel::run("edits " + run.string());
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("no edits are in force"));
}

TEST(Edits, AnInterruptedOneIsSaidAndMended) {
  const fs::path run = copy_of(blob_run(), "interrupted_edit");
  applied(run, {{"merge", {{0, 1}}}});
  json log = json::parse(read_file(run / "edit-log.json"));
  log["edits"].push_back({{"asked", {{"names", {{"2", "rest"}}}}},
                          {"contents", json::object()},
                          {"made", json::array()}});
  write_file(run / "edit-log.json", log.dump());  // as a kill before the model leaves it
  const Outcome outcome = nolabel::run("predict " + run.string() + feature_flags());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("nolabel apply " + run.string()));
  result_of("apply " + run.string());
  EXPECT_EQ(nolabel::run("predict " + run.string() + feature_flags()).code, 0);
  const Outcome listed = nolabel::run("edits " + run.string());
  EXPECT_THAT(listed.out, HasSubstr("cluster 2 is named rest")) << listed.err;
}

TEST(Edits, ImagesAreKnownByTheirContent) {
  const fs::path folder = new_folder("edited_images"), run = scratch() / "edited_images_run";
  fs::copy(images(), folder, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  const std::string words = "cluster " + folder.string() + " --clusters 3 --method consensus " +
                            "--backbone " + backbone().string() + " --out " + run.string();
  result_of(words);
  const int from = edited_lines(run).at("class0/0.ppm").cluster;
  const int to = edited_lines(run).at("class1/0.ppm").cluster;
  ASSERT_NE(from, to);
  applied(run, {{"move", json::array({{{"path", "class0/0.ppm"}, {"to", to}}})},
                {"names", {{std::to_string(to), "stripes"}}}});
  fs::rename(folder / "class0/0.ppm", folder / "class0/renamed.ppm");
  result_of(words + " --force");
  EXPECT_EQ(edited_lines(run).at("class0/renamed.ppm").cluster, to);
  EXPECT_EQ(edited_lines(run).at("class1/1.ppm").name, "stripes");
  const Outcome predicted =
      nolabel::run("predict " + run.string() + " " + (folder / "class0/renamed.ppm").string());
  EXPECT_THAT(predicted.out, HasSubstr(format("renamed.ppm,{},1,", to)));
  EXPECT_THAT(predicted.out, HasSubstr("stripes"));
}

}  // namespace
}  // namespace nolabel
