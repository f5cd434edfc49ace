// How many clusters: estimated where nobody says, and another number for a run that is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/file.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// A run on features whose number of clusters nobody gave, shared; tests that change it take a copy.
fs::path estimated_run() {
  static const fs::path folder = [] {
    const fs::path path = new_folder("estimated");
    result_of("cluster" + feature_flags() + "--out " + path.string());
    return path;
  }();
  return folder;
}

TEST(ClusterCount, IsEstimatedWhereNobodySays) {
  const json again = result_of("cluster " + estimated_run().string());
  const int clusters = again["clusters"];
  ASSERT_EQ(again["clusters_range"].size(), 2u);
  EXPECT_LE(again["clusters_range"][0], 3);  // the features are of three kinds
  EXPECT_GE(again["clusters_range"][1], 3);
  EXPECT_LE(again["clusters_range"][0], clusters);
  EXPECT_GE(again["clusters_range"][1], clusters);
  EXPECT_EQ(again["train"][0]["sizes"].size(), clusters);
  EXPECT_THAT(read_file(estimated_run() / "report.html"), HasSubstr("nolabel's estimate"));

  const json tree = json::parse(read_file(estimated_run() / "tree.json"));
  const size_t parts = tree["cluster_of"].size();
  EXPECT_EQ(tree["part"].size(), 900u);
  EXPECT_GT(parts, static_cast<size_t>(clusters));
  EXPECT_EQ(tree["merges"].size(), parts - 2);
}

TEST(ClusterCount, AnotherNumberGroupsTheRunAnew) {
  const fs::path folder = copy_of(estimated_run(), "another_number");
  const auto table_time = fs::last_write_time(folder / "metric/neighbors.npy");
  result_of("cluster " + folder.string() + " --clusters 3");
  const Outcome told =
      run("cluster " + folder.string() + " --clusters 5 --json " + (folder / "5.json").string());
  ASSERT_EQ(told.code, 0) << told.err;
  const json five = json::parse(read_file(folder / "5.json"));
  EXPECT_EQ(five["clusters"], 5);
  EXPECT_TRUE(five["clusters_range"].is_null());
  EXPECT_THAT(five["continued"], ElementsAre(0, 1, 2, -1, -1));
  EXPECT_THAT(told.err, HasSubstr("new clusters: 3, 4; the others keep their numbers"));
  const json three = result_of("cluster " + folder.string() + " --clusters 3");
  EXPECT_THAT(three["continued"], ElementsAre(0, 1, 2));
  EXPECT_EQ(fs::last_write_time(folder / "metric/neighbors.npy"), table_time);
  EXPECT_EQ(result_of("cluster " + folder.string())["clusters"], 3);
}

// What one number leaves does not stand in the way of another, and names go with their clusters.
TEST(ClusterCount, AnotherNumberByOneMethodLeavesTheOthersToBeMade) {
  const fs::path folder = copy_of(estimated_run(), "forced_number");
  result_of("cluster " + folder.string() + " --clusters 3");
  json state = json::parse(read_file(folder / "run.json"));
  state["identities"][0]["name"] = "zebra";
  state["identities"][2]["name"] = "crow";
  write_file(folder / "run.json", state.dump());
  const json two = result_of("cluster " + folder.string() + " --clusters 2 --method consensus");
  EXPECT_EQ(two["final"], "consensus");
  EXPECT_FALSE(fs::exists(folder / "scan"));
  state = json::parse(read_file(folder / "run.json"));
  for (size_t k = 0; k < 2; ++k) {
    const int earlier = two["continued"][k];
    const json identity = state["identities"][k];
    EXPECT_EQ(identity["name"], earlier == 0 ? "zebra" : earlier == 2 ? "crow" : "") << k;
    if (earlier >= 0) {
      EXPECT_EQ(identity["id"], earlier);
    } else {
      EXPECT_GE(identity["id"], 3);  // the id of a cluster that is gone is not used again
    }
  }
  const json all = result_of("cluster " + folder.string() + " --method auto");
  EXPECT_GT(all["train"].size(), 3u);
}

// A call that was stopped before its end: its heads are there, and run.json has the number before.
TEST(ClusterCount, AStoppedCallForAnotherNumberLeavesTheWayBackOpen) {
  const fs::path folder = copy_of(estimated_run(), "stopped_number");
  result_of("cluster " + folder.string() + " --clusters 3");
  const std::string assignments = read_file(folder / "assignments.csv");
  result_of("cluster " + folder.string() + " --clusters 5");
  json state = json::parse(read_file(folder / "run.json"));
  state["clusters"] = 3;
  state.erase("final");
  write_file(folder / "run.json", state.dump());
  write_file(folder / "assignments.csv", assignments);
  const json back = result_of("cluster " + folder.string());
  EXPECT_EQ(back["clusters"], 3);
  EXPECT_THAT(back["continued"], ElementsAre(0, 1, 2));
}

TEST(ClusterCount, AnotherNumberBesideTheImagesIsRefusedWithTheCommandThatDoesIt) {
  const Outcome refused =
      run("cluster" + feature_flags() + "--clusters 7 --out " + estimated_run().string());
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("nolabel cluster " + estimated_run().string()),
                                 HasSubstr("--clusters 7")));
  const Outcome elsewhere =
      run("cluster " + estimated_run().string() + " --clusters 7 --out elsewhere");
  EXPECT_EQ(elsewhere.code, 2);
  EXPECT_THAT(elsewhere.err, HasSubstr("--out must be left out"));
}

}  // namespace
}  // namespace nolabel
