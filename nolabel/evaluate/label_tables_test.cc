#include "nolabel/evaluate/label_tables.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

// 3 clusters, 3 classes, unbalanced; class 2 has no image.
Matrix<int64_t> counts() {
  Matrix<int64_t> m(3, 3);
  m.values = {6, 1, 0,  //
              2, 3, 0,  //
              0, 0, 0};
  return m;
}

TEST(ClassTable, HasRecallPrecisionAndF1) {
  const auto table = class_table(counts(), {0, 1, 2});
  EXPECT_EQ(table[0].images, 8);
  EXPECT_EQ(table[0].cluster, 0);
  EXPECT_DOUBLE_EQ(table[0].recall, 6. / 8);
  EXPECT_DOUBLE_EQ(table[0].precision, 6. / 7);
  EXPECT_DOUBLE_EQ(table[0].f1, 2 * (6. / 8 * 6. / 7) / (6. / 8 + 6. / 7));
  EXPECT_EQ(table[2].images, 0);
  EXPECT_EQ(table[2].recall, 0);
}

TEST(ClassTable, MarksAClassWithoutACluster) {
  const auto table = class_table(counts(), {0, -1, -1});
  EXPECT_EQ(table[1].cluster, -1);
  EXPECT_EQ(table[1].f1, 0);
}

TEST(ClusterTable, HasMajorityAndPurity) {
  const auto table = cluster_table(counts(), {0, 1, -1});
  EXPECT_EQ(table[1].images, 5);
  EXPECT_EQ(table[1].majority_class, 1);
  EXPECT_DOUBLE_EQ(table[1].purity, 3. / 5);
  EXPECT_EQ(table[2].matched_class, -1);
  EXPECT_EQ(table[2].majority_class, -1);
}

TEST(ConfusionMatrix, IsNormalisedByTrueClass) {
  const auto m = confusion_matrix(counts(), {0, 1, 2});
  ASSERT_EQ(m.columns, 3);
  EXPECT_FLOAT_EQ(m.at(0, 0), 6.f / 8);
  EXPECT_FLOAT_EQ(m.at(0, 1), 2.f / 8);
  EXPECT_FLOAT_EQ(m.at(1, 0), 1.f / 4);
  EXPECT_FLOAT_EQ(m.at(2, 2), 0);
}

TEST(ConfusionMatrix, CollectsSurplusClustersInALastColumn) {
  const auto m = confusion_matrix(counts(), {0, -1, -1});
  ASSERT_EQ(m.columns, 4);
  EXPECT_FLOAT_EQ(m.at(1, 3), 3.f / 4);
  for (int c = 0; c < 2; ++c) {
    float sum = 0;
    for (int j = 0; j < 4; ++j) sum += m.at(c, j);
    EXPECT_FLOAT_EQ(sum, 1);
  }
}

}  // namespace
}  // namespace nolabel
