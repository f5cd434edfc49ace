#include "nolabel/edits/edited_clusters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/edits/edits_testing.h"

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<int> ids_of(const EditedClusters& clusters) {
  std::vector<int> ids;
  for (const ClusterIdentity& identity : clusters.identities) ids.push_back(identity.id);
  return ids;
}

std::string name_of(const EditedClusters& clusters, int id) {
  return clusters.identities.at(index_of(clusters.identities, id).value()).name;
}

TEST(Replay, WithoutEditsGivesWhatWasFound) {
  const EditedClusters now = small_run(3, {2, 0, 2}).now();
  EXPECT_EQ(now.identities, found_clusters(3));
  EXPECT_THAT(now.cluster_of, ElementsAre(2, 0, 2));
  EXPECT_THAT(now.fixed, ElementsAre(false, false, false));
  EXPECT_EQ(now.next_id, 3);
}

TEST(Replay, MergesIntoTheClusterThatStandsFirst) {
  SmallRun run = small_run(5, {0, 1, 2, 3, 4});
  run.edit(R"({"merge": [[4, 1, 0], [2, 3]]})");
  const EditedClusters now = run.now();
  EXPECT_THAT(now.cluster_of, ElementsAre(4, 4, 2, 2, 4));
  EXPECT_THAT(ids_of(now), ElementsAre(2, 4));
  EXPECT_EQ(now.identities[1].origin, "clusters 4, 1 and 0 merged");
  EXPECT_EQ(now.next_id, 5);  // not 4 again
}

TEST(Replay, NamesAMergedClusterByTheFirstThatHasAName) {
  const auto merged = [](const std::string& before, const std::string& names) {
    SmallRun run = small_run(3, {0, 1, 2});
    run.edit(R"({"names": )" + before + "}");
    run.edit(R"({"merge": [[2, 0, 1]], "names": )" + names + "}");
    return name_of(run.now(), 2);
  };
  EXPECT_EQ(merged(R"({"0": "a", "1": "b"})", "{}"), "a");
  EXPECT_EQ(merged(R"({"2": "c", "0": "a"})", "{}"), "c");
  EXPECT_EQ(merged("{}", "{}"), "");
  // A name of the same document counts before an earlier one, and the survivor's before all.
  EXPECT_EQ(merged(R"({"2": "c"})", R"({"1": "new"})"), "new");
  EXPECT_EQ(merged(R"({"2": "c"})", R"({"0": "x", "2": "y"})"), "y");
  EXPECT_EQ(merged(R"({"0": "a"})", R"({"2": ""})"), "");
  // Taking away the name of a cluster that goes leaves the other names.
  EXPECT_EQ(merged(R"({"2": "c", "0": "a"})", R"({"0": ""})"), "c");
  EXPECT_EQ(merged(R"({"0": "a", "1": "b"})", R"({"0": ""})"), "b");
}

TEST(Replay, FollowsAMergedClusterWithinTheDocumentOnly) {
  SmallRun run = small_run(3, {0, 1, 2});
  run.edit(R"({"merge": [[1, 2]], "move": [{"path": "a", "to": 2}]})");
  EXPECT_THAT(run.now().cluster_of, ElementsAre(1, 1, 1));
  EXPECT_EQ(error_of([&] { run.edit(R"({"move": [{"path": "a", "to": 2}]})"); }),
            "usage: edits.json moves images to cluster 2, but the run has the clusters 0, 1.");
  run.log.push_back({.asked = {.names = {{2, "x"}}}});
  EXPECT_THAT(run.now().skipped,
              ElementsAre("Edit 2 names cluster 2, but the run no longer has cluster 2."));
}

TEST(Replay, SplitsOnlyImagesThatAreStillInTheCluster) {
  SmallRun run = small_run(2, {0, 0, 0, 0, 1});
  run.edit(R"({"split": [{"cluster": 0, "into": 2}]})");
  EXPECT_THAT(run.now().cluster_of, ElementsAre(0, 2, 0, 2, 1));
  EXPECT_EQ(run.now().identities.back(), (ClusterIdentity{2, "", "split from cluster 0"}));
  run.cluster_of = {0, 1, 0, 0, 1};  // clustered again
  EXPECT_THAT(run.now().cluster_of, ElementsAre(0, 1, 0, 2, 1));
  run.cluster_of = {0, 1, 1, 1, 0};
  EXPECT_THAT(run.now().cluster_of, ElementsAre(0, 1, 1, 1, 0));
  EXPECT_THAT(ids_of(run.now()), ElementsAre(0, 1, 2));  // without images, it stays
}

TEST(Replay, MovesAllCopiesAndFixesThem) {
  SmallRun run = small_run(2, {0, 0, 0});
  run.contents[2] = run.contents[0];
  run.edit(R"({"junk": ["a"], "keep": ["b"]})");
  run.edit(R"({"move": [{"path": "a", "to": 1}, {"path": "b", "to": 1}]})");
  const EditedClusters now = run.now();
  EXPECT_THAT(now.cluster_of, ElementsAre(1, 1, 1));
  EXPECT_THAT(now.fixed, ElementsAre(true, true, true));
  EXPECT_THAT(now.junk, ElementsAre(false, false, false));
  EXPECT_THAT(now.kept,
              ElementsAre(false, false, false));  // the person had kept it in another cluster
}

TEST(Replay, MarksJunkAndKeepsCopies) {
  SmallRun run = small_run(2, {0, 1, 1});
  run.contents[2] = run.contents[0];
  run.edit(R"({"junk": ["c"], "keep": ["b"]})");
  EXPECT_THAT(run.now().junk, ElementsAre(true, false, true));
  EXPECT_THAT(run.now().kept, ElementsAre(false, true, false));
  EXPECT_THAT(run.now().cluster_of, ElementsAre(0, 1, 1));
  run.edit(R"({"junk": ["b"], "keep": ["a"]})");
  EXPECT_THAT(run.now().junk, ElementsAre(false, true, false));
  EXPECT_THAT(run.now().kept, ElementsAre(true, false, true));
  run.edit(R"({"move": [{"path": "b", "to": 0}], "keep": ["b"]})");
  EXPECT_TRUE(run.now().fixed[1] && run.now().kept[1] && !run.now().junk[1]);
}

TEST(Replay, GivesAndTakesNames) {
  SmallRun run = small_run(2, {0, 1});
  run.edit(R"({"names": {"1": "cats"}})");
  EXPECT_EQ(name_of(run.now(), 1), "cats");
  run.edit(R"({"names": {"1": "", "0": "dogs"}})");
  EXPECT_EQ(name_of(run.now(), 1), "");
  EXPECT_EQ(name_of(run.now(), 0), "dogs");
}

TEST(Replay, FollowsImagesThatAreRenamedAddedAndRemoved) {
  SmallRun run = small_run(2, {0, 0, 0, 0, 1});
  run.edit(R"({"move": [{"path": "e", "to": 0}], "junk": ["a"], "keep": ["b"]})");
  run.edit(R"({"split": [{"cluster": 0, "into": 2}]})");
  EXPECT_THAT(run.now().cluster_of, ElementsAre(0, 0, 2, 0, 2));
  // A new image, then e, d, c and a; b is gone.
  const std::vector<ContentId> was = run.contents;
  run.contents = {content_id("new"), was[4], was[3], was[2], was[0]};
  run.names = {"a", "b", "x", "y", "z"};
  run.cluster_of = {1, 1, 0, 0, 0};
  const EditedClusters now = run.now();
  EXPECT_THAT(now.cluster_of, ElementsAre(1, 2, 0, 2, 0));
  EXPECT_THAT(now.fixed, ElementsAre(false, true, false, false, false));
  EXPECT_THAT(now.junk, ElementsAre(false, false, false, false, true));
  EXPECT_THAT(now.kept, ElementsAre(false, false, false, false, false));
  EXPECT_THAT(now.skipped, IsEmpty());
}

TEST(Replay, SkipsWhatFewerClustersMakeImpossible) {
  SmallRun run = small_run(4, {0, 0, 1, 2, 3, 3});
  run.edit(R"({"merge": [[1, 2]], "split": [{"cluster": 3, "into": 2}],
               "move": [{"path": "a", "to": 3}, {"path": "b", "to": 2}], "names": {"3": "x"}})");
  run.edit(R"({"names": {"0": "y"}})");
  EXPECT_THAT(run.now().skipped, IsEmpty());
  run.found = found_clusters(2);
  run.cluster_of = {0, 0, 1, 1, 0, 1};
  const EditedClusters now = run.now();
  EXPECT_THAT(now.skipped,
              ElementsAre("Edit 1 merges clusters 1 and 2, but the run no longer has cluster 2.",
                          "Edit 1 splits cluster 3, but the run no longer has cluster 3.",
                          "Edit 1 moves 1 image to cluster 2, but the run no longer has cluster 2.",
                          "Edit 1 moves 1 image to cluster 3, but the run no longer has cluster 3.",
                          "Edit 1 names cluster 3, but the run no longer has cluster 3."));
  EXPECT_EQ(now.cluster_of, run.cluster_of);
  EXPECT_THAT(now.fixed, testing::Each(false));
  EXPECT_EQ(name_of(now, 0), "y");
  EXPECT_EQ(now.next_id, 5);  // the log has 3 and made 4
}

TEST(Replay, KnowsEveryIdThatTheRunHasUsed) {
  SmallRun run = small_run(2, {0, 0, 1});
  EXPECT_EQ(run.now().next_id, 2);
  for (const Edits& asked : {Edits{.names = {{7, "x"}}}, Edits{.merge = {{3, 7}}},
                             Edits{.split = {{7, 2}}}, Edits{.move = {{"a", 7}}}}) {
    run.log = {{.asked = asked, .contents = {{"a", run.contents[0]}}}};
    EXPECT_EQ(run.now().next_id, 8);
  }
}

TEST(Replay, MakesNoClusterThatIsThere) {
  SmallRun run = small_run(1, {0, 0});
  run.edit(R"({"split": [{"cluster": 0, "into": 2}]})");
  run.found = found_clusters(2);
  EXPECT_THAT(run.now().skipped,
              ElementsAre("Edit 1 makes cluster 1 from cluster 0, but the run has found another "
                          "cluster 1."));
  EXPECT_THAT(run.now().cluster_of, ElementsAre(0, 0));
}

}  // namespace
}  // namespace nolabel
