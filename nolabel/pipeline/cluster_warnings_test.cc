#include "nolabel/pipeline/cluster_warnings.h"

#include <gmock/gmock.h>

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ClusterStatistics statistics_with(std::optional<double> agreement, int empty) {
  ClusterStatistics made;
  made.sizes = {5, 4, 0};
  made.empty_clusters = empty;
  made.neighbor_agreement = agreement;
  return made;
}

TEST(ClusterWarnings, SayNothingOfGoodClusters) {
  EXPECT_THAT(cluster_warnings(statistics_with(0.7, 0), ""), IsEmpty());
  EXPECT_THAT(cluster_warnings(statistics_with(std::nullopt, 0), ""), IsEmpty());
}

TEST(ClusterWarnings, NameWeakFeaturesAndLostClusters) {
  EXPECT_THAT(cluster_warnings(statistics_with(0.4, 1), ""),
              ElementsAre(HasSubstr("the features are weak"), HasSubstr("only 2 of 3 clusters")));
}

TEST(ClusterWarnings, WhatIsKnownOfTheBackboneStandsInPlaceOfTheMeasurement) {
  EXPECT_THAT(cluster_warnings(statistics_with(0.4, 0), "it is weak"), ElementsAre("it is weak"));
}

}  // namespace
}  // namespace nolabel
