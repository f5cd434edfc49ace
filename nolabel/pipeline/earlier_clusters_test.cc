#include "nolabel/pipeline/earlier_clusters.h"

#include <gmock/gmock.h>

namespace nolabel {
namespace {

using testing::ElementsAre;

std::vector<int> ids_of(const std::vector<ClusterIdentity>& identities) {
  std::vector<int> ids;
  for (const ClusterIdentity& identity : identities) ids.push_back(identity.id);
  return ids;
}

TEST(EarlierClusters, AClusterContinuesTheOneItSharesMostWith) {
  const std::vector<int64_t> earlier = {2, 2, 2, 0, 0, 1, -1};
  EXPECT_THAT(continued_clusters(earlier, {0, 0, 0, 1, 1, 2, 2}, 3), ElementsAre(2, 0, 1));
  EXPECT_THAT(numbered_as_earlier(earlier, {0, 0, 0, 1, 1, 2, 2}, 3),
              ElementsAre(2, 2, 2, 0, 0, 1, 1));
}

TEST(EarlierClusters, MoreClustersTakeFreeNumbers) {
  const std::vector<int64_t> earlier = {0, 0, 0, 1, 1, 1};
  const std::vector<int64_t> now = numbered_as_earlier(earlier, {2, 0, 0, 3, 3, 1}, 4);
  EXPECT_THAT(now, ElementsAre(3, 0, 0, 1, 1, 2));
  const std::vector<int64_t> continued = continued_clusters(earlier, now, 4);
  EXPECT_THAT(continued, ElementsAre(0, 1, -1, -1));
  const std::vector<ClusterIdentity> was = {found_cluster(0), found_cluster(4)};
  const auto is = continued_identities(was, earlier, now, 4, 5);
  EXPECT_THAT(ids_of(is), ElementsAre(0, 4, 5, 6));
  EXPECT_EQ(continuation_text(was, is, 5), "new clusters: 5, 6; the others keep their numbers");
}

TEST(EarlierClusters, FewerClustersMoveIntoTheNumbersThatAreLeft) {
  const std::vector<int64_t> earlier = {0, 0, 1, 2, 2, 2, 2};
  const std::vector<int64_t> now = numbered_as_earlier(earlier, {0, 0, 0, 1, 1, 1, 1}, 2);
  EXPECT_THAT(now, ElementsAre(0, 0, 0, 1, 1, 1, 1));
  const std::vector<int64_t> continued = continued_clusters(earlier, now, 2);
  EXPECT_THAT(continued, ElementsAre(0, 2));
  const std::vector<ClusterIdentity> was = {{0, "", ""}, {1, "fox", ""}, {2, "owl", ""}};
  const auto is = continued_identities(was, earlier, now, 2, 3);
  EXPECT_THAT(is, ElementsAre(was[0], was[2]));
  EXPECT_EQ(continuation_text(was, is, 3), "no cluster continues 1; the others keep their numbers");
}

TEST(EarlierClusters, WithoutEarlierOnesNothingChanges) {
  EXPECT_THAT(numbered_as_earlier({}, {1, 0, 1}, 2), ElementsAre(1, 0, 1));
  EXPECT_THAT(continued_clusters({-1, -1, -1}, {1, 0, 1}, 2), ElementsAre(-1, -1));
  EXPECT_THAT(ids_of(continued_identities({}, {}, {1, 0, 1}, 2, 0)), ElementsAre(0, 1));
}

TEST(EarlierClusters, AClusterWithAStrayImageOfAnotherDoesNotContinueIt) {
  // 0 is divided, and 1 and 2 are joined; one image of 2 is in a part of 0.
  const std::vector<int64_t> earlier = {0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2};
  const std::vector<int64_t> now = {0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 1};
  EXPECT_THAT(continued_clusters(earlier, now, 3), ElementsAre(0, -1, 1));
}

TEST(EarlierClusters, EmptyClustersAreNotNew) {
  const std::vector<ClusterIdentity> was = {found_cluster(0), found_cluster(1)};
  const auto same = continued_identities(was, {0, 0}, {1, 1}, 2, 2);
  EXPECT_THAT(ids_of(same), ElementsAre(1, 0));
  EXPECT_EQ(continuation_text(was, same, 2), "every cluster keeps its number");
  const auto joined = continued_identities(was, {0, 1}, {1, 1}, 2, 2);
  EXPECT_THAT(ids_of(joined), ElementsAre(2, 1));
}

TEST(EarlierClusters, ThoseThatAreBackAreSaid) {
  const std::vector<ClusterIdentity> was = {found_cluster(0)};
  EXPECT_EQ(continuation_text(was, {found_cluster(0), found_cluster(3), found_cluster(9)}, 8),
            "new clusters: 9; clusters that are back: 3; the others keep their numbers");
}

TEST(EarlierClusters, SharesAreThoseOfTheGroupThatAClusterSharesMostWith) {
  const std::vector<int64_t> groups = {0, 0, 0, 0, 0, 1, 1, 1, 2, 2};
  EXPECT_THAT(matched_shares(groups, {2, 2, 2, 2, 0, 0, 0, 0, 1, 1}, 3),
              testing::Pointwise(testing::FloatEq(), {0.3F, 0.2F, 0.5F}));
}

}  // namespace
}  // namespace nolabel
