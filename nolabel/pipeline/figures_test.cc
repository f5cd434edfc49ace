#include "nolabel/pipeline/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nolabel {
namespace {

using testing::HasSubstr;
using testing::Not;

ClusterStatistics statistics(int64_t empty, double agreement, double silhouette) {
  ClusterStatistics s;
  s.empty_clusters = empty;
  s.neighbor_agreement = agreement;
  s.silhouette = silhouette;
  return s;
}

TEST(FiguresTest, WorseWithoutLabelsNeedsMoreThanNoise) {
  const ClusterStatistics reference = statistics(1, 0.8, 0.3);
  EXPECT_FALSE(worse_without_labels(reference, reference));
  EXPECT_FALSE(worse_without_labels(statistics(0, 0.9, 0.4), reference));
  EXPECT_FALSE(worse_without_labels(statistics(1, 0.795, 0.3), reference));
  EXPECT_TRUE(worse_without_labels(statistics(2, 0.9, 0.4), reference));
  EXPECT_TRUE(worse_without_labels(statistics(1, 0.7, 0.4), reference));
  EXPECT_TRUE(worse_without_labels(statistics(1, 0.9, 0.2), reference));
}

TEST(FiguresTest, LabelsAppearOnlyWhereThereAreSome) {
  const Matrix<float> probabilities = one_hot({0, 0, 2, 2}, 3);
  EXPECT_EQ(probabilities.at(2, 2), 1);
  EXPECT_EQ(probabilities.at(2, 0), 0);
  const ReportMethod without =
      compute_figures("SCAN", probabilities, {}, 0, nullptr, nullptr, 0, 1);
  EXPECT_THAT(figures_table({without}), Not(HasSubstr("ACC")));
  EXPECT_THAT(figures_table({without}), HasSubstr("2/3"));  // one of three clusters is empty
  EXPECT_FALSE(figures_json(without).contains("ACC"));
  EXPECT_EQ(figures_json(without)["empty_clusters"], 1);

  const ReportMethod labelled =
      compute_figures("SCAN", probabilities, {1, 1, 0, 0}, 2, nullptr, nullptr, 0, 1);
  EXPECT_THAT(figures_table({labelled}), HasSubstr("100.0"));
  EXPECT_EQ(figures_json(labelled)["ACC"], 1);
  EXPECT_EQ(figures_json(labelled)["method"], "SCAN");
}

}  // namespace
}  // namespace nolabel
