#include "nolabel/pipeline/method_choice.h"

#include <gmock/gmock.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

using enum ClusterStage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Rows of a table of clusterings: whose they are (none: k-means), information, empty clusters.
struct Row {
  std::optional<ClusterStage> stage;
  double information;
  int empty = 0;
  int clusters = 10;
};
ClusteredSplit table_of_rows(const std::vector<Row>& rows) {
  ClusteredSplit split;
  for (const Row& row : rows) {
    const std::string name = row.stage ? stage_name(*row.stage) : "k-means";
    split.clusterings.push_back(
        {.name = name, .stage = row.stage, .probabilities = Matrix<float>(1, row.clusters)});
    ReportMethod figures;
    figures.name = name;
    figures.statistics.neighbor_information = row.information;
    figures.statistics.empty_clusters = row.empty;
    split.figures.push_back(figures);
  }
  return split;
}

const std::vector<ClusterStage> all = {consensus, communities, scan, selflabel};

ClusterStage chosen(const std::vector<Row>& rows, const std::vector<ClusterStage>& stages = all) {
  return choose_stage(table_of_rows(rows), stages).stage;
}

TEST(MethodChoice, TakesTheMostInformation) {
  EXPECT_EQ(chosen({{consensus, 0.5}, {communities, 0.6}, {scan, 0.4}, {{}, 0.3}}), communities);
  EXPECT_EQ(chosen({{consensus, 0.5}, {communities, 0.4}, {scan, 0.6}, {{}, 0.3}}), scan);
  EXPECT_EQ(chosen({{consensus, 0.5}, {communities, 0.4}, {{}, 0.6}}), kmeans);
}

TEST(MethodChoice, AnotherWayMustHaveMoreThanTheConsensus) {
  EXPECT_EQ(chosen({{consensus, 0.600}, {communities, 0.604}, {{}, 0.3}}), consensus);
  EXPECT_EQ(chosen({{consensus, 0.600}, {communities, 0.605}, {{}, 0.3}}), communities);
}

TEST(MethodChoice, ATenthOfTheClustersMayBeEmpty) {
  EXPECT_EQ(chosen({{consensus, 0.9, 1}, {communities, 0.5}, {{}, 0.3}}), consensus);
  EXPECT_EQ(chosen({{consensus, 0.9, 2}, {communities, 0.5}, {{}, 0.3}}), communities);
  EXPECT_EQ(chosen({{consensus, 0.9, 1, 9}, {communities, 0.5, 0, 9}}), communities);
  EXPECT_EQ(chosen({{consensus, 0.5, 3}, {communities, 0.9, 2}, {{}, 0.3, 5}}), communities);
  EXPECT_THAT(choose_stage(table_of_rows({{consensus, 0.9, 1}, {communities, 0.5}}), all).reason,
              HasSubstr("consensus is kept with 1 empty cluster: its"));
  EXPECT_THAT(choose_stage(table_of_rows({{consensus, 0.9, 2}, {communities, 0.5}}), all).reason,
              HasSubstr("more than a tenth of the clusters empty come last"));
}

TEST(MethodChoice, OnlyStagesThatRanAreCompared) {
  EXPECT_EQ(chosen({{consensus, 0.5}, {scan, 0.9}, {{}, 0.3}}, {consensus, communities}),
            consensus);
}

// k-means leaves no model. Once its head is made, the head is judged in its place.
TEST(MethodChoice, TheHeadOfKmeansIsJudgedInThePlaceOfKmeans) {
  const std::vector<Row> rows = {{consensus, 0.5}, {kmeans, 0.4}, {{}, 0.6}};
  EXPECT_EQ(chosen(rows, {consensus}), kmeans);
  EXPECT_EQ(chosen(rows, {consensus, kmeans}), consensus);
}

TEST(MethodChoice, TheReasonNamesEveryWayAndItsFigure) {
  const std::string reason =
      choose_stage(table_of_rows({{consensus, 0.6}, {communities, 0.604}, {{}, 0.3, 2}}), all)
          .reason;
  EXPECT_THAT(reason, HasSubstr("consensus is kept"));
  for (const char* part :
       {"60.0 %", "communities 60.4 %", "k-means 30.0 % with 2 empty clusters", "0.75 % more"}) {
    EXPECT_THAT(reason, HasSubstr(part));
  }
  EXPECT_THAT(choose_stage(table_of_rows({{communities, 0.7}, {{}, 0.3}}), all).reason,
              Not(HasSubstr("0.75 % more")));
}

TEST(MethodChoice, AMethodRunsTheStagesThatItNeeds) {
  EXPECT_THAT(stages_of(Method::scan, true), ElementsAre(consensus, scan));
  EXPECT_THAT(stages_of(Method::kmeans, true), ElementsAre(kmeans));
  EXPECT_EQ(stages_of(Method::automatic, true), all);
  EXPECT_THAT(stages_of(Method::automatic, false), ElementsAre(scan, selflabel));
  EXPECT_THROW(stages_of(Method::communities, false), Error);
}

}  // namespace
}  // namespace nolabel
