#include "nolabel/report/evaluation_json.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

TEST(EvaluationJson, HasTheNamesThatScriptsRelyOn) {
  const auto labels =
      labels_json(evaluate_labels(std::vector{0, 0, 1, 2}, 3, std::vector{1, 1, 0, 0}, 2));
  EXPECT_EQ(labels.at("ACC"), .75);
  EXPECT_EQ(labels.at("matching"), (std::vector{1, 0, -1}));
  for (const char* key : {"NMI", "AMI", "ARI", "top5", "images", "clusters", "classes"}) {
    EXPECT_TRUE(labels.at(key).is_number()) << key;
  }
  EXPECT_EQ(labels.at("confusion").at(0).at(2), .5);
  EXPECT_EQ(labels.at("per_class").at(1).at("recall"), 1);
  EXPECT_EQ(labels.at("per_cluster").at(2).at("purity"), 1);
}

TEST(EvaluationJson, LeavesOutWhatIsUnknown) {
  ClusterStatistics s;
  s.sizes = {2, 0};
  s.silhouette = .25;
  const auto object = statistics_json(s);
  EXPECT_EQ(object.at("images"), 2);
  EXPECT_EQ(object.at("silhouette"), .25);
  EXPECT_FALSE(object.contains("neighbor_agreement"));
}

}  // namespace
}  // namespace nolabel
