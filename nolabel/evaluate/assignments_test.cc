#include "nolabel/evaluate/assignments.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

Matrix<float> matrix(int64_t columns, std::vector<float> values) {
  Matrix<float> m(static_cast<int64_t>(values.size()) / columns, columns);
  m.values = std::move(values);
  return m;
}

TEST(Assign, FindsTheTwoMostProbableClustersTiesToTheLowerNumber) {
  const auto a = assign(matrix(3, {.2f, .5f, .3f,    //
                                   .4f, .4f, .2f,    //
                                   .1f, .45f, .45f,  //
                                   .2f, .3f, .5f}));
  ASSERT_EQ(a.size(), 4u);
  EXPECT_EQ(clusters_of(a), (std::vector{1, 0, 1, 2}));
  EXPECT_EQ(a[0].runner_up, 2);
  EXPECT_FLOAT_EQ(a[0].confidence, .5f);
  EXPECT_FLOAT_EQ(a[0].runner_up_confidence, .3f);
  EXPECT_EQ(a[1].runner_up, 1);
  EXPECT_EQ(a[2].runner_up, 2);
  EXPECT_EQ(a[3].runner_up, 1);
}

TEST(Assign, HasNoRunnerUpWithOneCluster) {
  const auto a = assign(matrix(1, {1, 1}));
  EXPECT_EQ(a[1].cluster, 0);
  EXPECT_EQ(a[1].runner_up, -1);
  EXPECT_EQ(a[1].runner_up_confidence, 0);
}

TEST(Assign, OfNoImagesIsEmpty) {
  EXPECT_TRUE(assign({}).empty());
}

TEST(MembersByConfidence, SortsEachClusterAndKeepsEmptyOnes) {
  const std::vector<Assignment> a = {
      {2, .5f, 0, .1f}, {0, .9f, 1, .1f}, {2, .7f, 0, .1f}, {2, .5f, 1, .1f}};
  const auto members = members_by_confidence(a, 4);
  EXPECT_EQ(members, (std::vector<std::vector<int64_t>>{{1}, {}, {2, 0, 3}, {}}));
}

}  // namespace
}  // namespace nolabel
