#include "nolabel/report/cluster_names.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

// counts [cluster][class] images.
LabelEvaluation evaluation_of(const std::vector<std::vector<int>>& counts) {
  std::vector<int> clusters, labels;
  for (size_t k = 0; k < counts.size(); ++k) {
    for (size_t c = 0; c < counts[k].size(); ++c) {
      clusters.insert(clusters.end(), counts[k][c], static_cast<int>(k));
      labels.insert(labels.end(), counts[k][c], static_cast<int>(c));
    }
  }
  return evaluate_labels(clusters, static_cast<int>(counts.size()), labels,
                         static_cast<int>(counts[0].size()));
}

TEST(AgreeingClasses, AreThoseThatFillTheirClusters) {
  EXPECT_EQ(agreeing_classes(evaluation_of({{2, 90}, {80, 5}})), (std::vector<int>{1, 0}));
  // A surplus cluster has no name.
  EXPECT_EQ(agreeing_classes(evaluation_of({{60, 0}, {0, 90}, {30, 0}})),
            (std::vector<int>{0, 1, -1}));
}

// Albums: each cluster holds the same mixture as all images.
TEST(AgreeingClasses, AreNoneWhereChanceGivesTheSame) {
  EXPECT_EQ(agreeing_classes(evaluation_of({{50, 50}, {50, 50}})), (std::vector<int>{-1, -1}));
  EXPECT_EQ(agreeing_classes(evaluation_of({{90, 10}, {85, 15}})), (std::vector<int>{-1, -1}));
  EXPECT_EQ(agreeing_classes(evaluation_of({{70}, {30}})), (std::vector<int>{-1, -1}));
}

TEST(AgreeingClasses, KeepTheStatedThresholds) {
  // Half of all images are of each class, so agreement 0.5 is a share of 0.75.
  EXPECT_EQ(agreeing_classes(evaluation_of({{75, 25}, {25, 75}})), (std::vector<int>{0, 1}));
  EXPECT_EQ(agreeing_classes(evaluation_of({{74, 26}, {26, 74}})), (std::vector<int>{-1, -1}));
  // A pure cluster of less than a quarter of the class does not speak for it.
  EXPECT_EQ(agreeing_classes(evaluation_of({{24, 0, 0}, {38, 0, 100}, {38, 100, 0}}))[0], -1);
  EXPECT_EQ(agreeing_classes(evaluation_of({{25, 0, 0}, {38, 0, 100}, {37, 100, 0}}))[0], 0);
}

}  // namespace
}  // namespace nolabel
