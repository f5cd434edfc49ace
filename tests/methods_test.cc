// Ways of grouping frozen features: `cluster` compares them, --method forces one, and SCAN can
// begin at the consensus also when the stages run one by one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "nolabel/base/file.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

std::string cluster_features(const fs::path& folder) {
  return "cluster" + feature_flags() + "--out " + folder.string();
}

std::set<std::string> methods_in(const json& figures) {
  std::set<std::string> methods;
  for (const json& row : figures) methods.insert(row["method"]);
  return methods;
}

// A run of all ways, shared; tests that change it take a copy.
fs::path run_of_all_ways() {
  static const fs::path folder = [] {
    const fs::path path = new_folder("all_ways");
    result_of(cluster_features(path) + " --clusters 3");
    return path;
  }();
  return folder;
}

TEST(Methods, AllAreShownWithTheFigureThatDecides) {
  const json again = result_of(cluster_features(run_of_all_ways()));
  for (const char* method : {"consensus", "communities", "SCAN", "k-means"}) {
    EXPECT_TRUE(methods_in(again["train"]).contains(method)) << method;
  }
  for (const json& row : again["train"]) EXPECT_TRUE(row.contains("neighbor_information"));
  EXPECT_THAT(again["choice"].get<std::string>(), HasSubstr(" is kept"));
  const json state = json::parse(read_file(run_of_all_ways() / "run.json"));
  EXPECT_EQ(state["choice"], again["choice"]);
  EXPECT_THAT(read_file(run_of_all_ways() / "report.html"),
              HasSubstr(again["choice"].get<std::string>()));
}

// What is there already is neither trained again nor refused.
TEST(Methods, AnotherMethodTakesTheModelThatIsThere) {
  const fs::path folder = copy_of(run_of_all_ways(), "another_method");
  const std::string scan = read_file(folder / "scan/model.pth.tar");
  for (const char* method : {"scan", "communities", "kmeans", "consensus"}) {
    const json forced = result_of(cluster_features(folder) + " --method " + method);
    EXPECT_EQ(forced["final"], method);
    EXPECT_EQ(forced["choice"], "");
    const json measured = result_of("eval --images train --out " + folder.string());
    EXPECT_EQ(measured["sizes"], forced["train"][0]["sizes"]) << method;
  }
  EXPECT_EQ(read_file(folder / "scan/model.pth.tar"), scan);
  const json remembered = result_of("cluster --out " + folder.string());
  EXPECT_EQ(remembered["final"], "consensus");
  EXPECT_EQ(result_of(cluster_features(folder) + " --method auto")["choice"],
            result_of(cluster_features(run_of_all_ways()))["choice"]);
}

TEST(Methods, ModelsOfAnotherNumberOfClustersAreLeftOut) {
  const fs::path folder = copy_of(run_of_all_ways(), "another_count");
  const json consensus =
      result_of(cluster_features(folder) + " --clusters 4 --method consensus --force");
  EXPECT_EQ(methods_in(consensus["train"]), (std::set<std::string>{"consensus", "k-means"}));
  EXPECT_EQ(consensus["train"][0]["clusters"], 4);
}

TEST(Methods, OneThatTheEffortLacksIsRefusedBeforeAnyWork) {
  const fs::path folder = new_folder("full_consensus") / "run";
  const Outcome refused =
      run("cluster " + images().string() + " --clusters 3 --effort full --method consensus --out " +
          folder.string());
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("method must be auto, scan or selflabel"));
  EXPECT_FALSE(fs::exists(folder / "pretext"));
}

// The heads of the run serve, also with --force, which is about SCAN.
TEST(Methods, ScanBeginsAtTheConsensusOfARunOfCluster) {
  const fs::path folder = copy_of(run_of_all_ways(), "scan_again");
  const std::string consensus = read_file(folder / "consensus/model.pth.tar");
  const std::string words = "scan --num-classes 3 --start consensus --epochs 1 --force --out ";
  EXPECT_EQ(result_of(words + folder.string())["final"], "scan");
  EXPECT_EQ(read_file(folder / "consensus/model.pth.tar"), consensus);
}

TEST(Methods, ScanMakesTheConsensusThatItBeginsAt) {
  const fs::path folder = new_folder("scan_alone");
  const std::string out = " --out " + folder.string();
  ASSERT_EQ(run("mine" + feature_flags() + out).code, 0);
  const std::string words = "scan --num-classes 3 --num-heads 2 --start consensus --epochs 1" + out;
  const json scanned = result_of(words);
  EXPECT_TRUE(scanned["trained"]);
  // One epoch from random weights is far from this.
  EXPECT_EQ(scanned["evaluation"]["ACC"], 1.0);
  EXPECT_EQ(result_of("inspect " + (folder / "consensus/model.pth.tar").string())["best_head"], 0);
  EXPECT_FALSE(result_of(words)["trained"]);
}

TEST(Methods, ScanFromAnEarlierConsensusIsLeftOut) {
  const fs::path folder = copy_of(run_of_all_ways(), "earlier_consensus");
  const Outcome anew = run(cluster_features(folder) + " --method consensus --seed 9 --force");
  ASSERT_EQ(anew.code, 0) << anew.err;
  EXPECT_THAT(anew.err, HasSubstr("began with an earlier consensus than the run has now"));
}

}  // namespace
}  // namespace nolabel
