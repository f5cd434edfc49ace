#include "nolabel/evaluate/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/evaluate/contingency.h"
#include "nolabel/evaluate/golden_test.h"
#include "nolabel/evaluate/label_evaluation.h"
#include "nolabel/evaluate/matching.h"

namespace nolabel {
namespace {

TEST(Metrics, EqualScikitLearnAndScipy) {
  for (const auto& c : golden("labels")) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const LabelEvaluation e =
        evaluate_labels(c.at("clusters").get<std::vector<int>>(), c.at("cluster_count"),
                        c.at("classes").get<std::vector<int>>(), c.at("class_count"));
    EXPECT_NEAR(e.acc, c.at("ACC").get<double>(), 1e-12);
    EXPECT_NEAR(e.nmi, c.at("NMI").get<double>(), 1e-12);
    EXPECT_NEAR(e.ami, c.at("AMI").get<double>(), 1e-9);
    EXPECT_NEAR(e.ari, c.at("ARI").get<double>(), 1e-12);
  }
}

TEST(Metrics, DoNotDependOnTheNumberingOfClusters) {
  const auto c = golden("labels").at(0);
  const auto classes = c.at("classes").get<std::vector<int>>();
  auto clusters = c.at("clusters").get<std::vector<int>>();
  const LabelEvaluation before = evaluate_labels(clusters, 10, classes, 10);
  for (int& k : clusters) k = (7 * k + 3) % 10;
  const LabelEvaluation after = evaluate_labels(clusters, 10, classes, 10);
  EXPECT_DOUBLE_EQ(before.acc, after.acc);
  EXPECT_NEAR(before.nmi, after.nmi, 1e-12);
  EXPECT_NEAR(before.ami, after.ami, 1e-12);
  EXPECT_DOUBLE_EQ(before.ari, after.ari);
}

TEST(TopNAccuracy, EqualsScikitLearns) {
  const auto c = golden("top_n");
  const auto probabilities = matrix_from<float>(c.at("probabilities"));
  const auto classes = c.at("classes").get<std::vector<int>>();
  const auto matching = c.at("matching").get<std::vector<int>>();
  for (const auto& [n, expected] : c.at("accuracy").items()) {
    EXPECT_NEAR(top_n_accuracy(probabilities, classes, matching, std::stoi(n)),
                expected.get<double>(), 1e-12)
        << "n = " << n;
  }
}

TEST(TopNAccuracy, CountsAllClustersWhenNIsLargerAndNoneForAnUnmatchedClass) {
  Matrix<float> probabilities(2, 2);
  probabilities.values = {.9f, .1f, .9f, .1f};
  EXPECT_EQ(top_n_accuracy(probabilities, std::vector{1, 1}, {0, 1}, 5), 1);
  EXPECT_EQ(top_n_accuracy(probabilities, std::vector{1, 2}, {0, 1}, 5), .5);
}

TEST(TopNAccuracy, OfOneIsAccuracyAlsoWithTies) {
  Matrix<float> probabilities(3, 2);
  probabilities.values = {.5f, .5f, .5f, .5f, .2f, .8f};
  const LabelEvaluation e = evaluate_labels(probabilities, std::vector{0, 1, 1}, 2);
  EXPECT_DOUBLE_EQ(top_n_accuracy(probabilities, std::vector{0, 1, 1}, e.matching, 1), e.acc);
  EXPECT_DOUBLE_EQ(e.acc, 2. / 3);
}

TEST(EvaluateLabels, RefusesWhatItCannotCount) {
  EXPECT_THROW(evaluate_labels(std::vector<int>{}, 2, std::vector<int>{}, 2), Error);
  EXPECT_THROW(evaluate_labels(std::vector{0, 1}, 2, std::vector{0}, 2), Error);
  EXPECT_THROW(evaluate_labels(std::vector{0, 2}, 2, std::vector{0, 1}, 2), Error);
  EXPECT_THROW(evaluate_labels(std::vector{0, 1}, 2, std::vector{0, -1}, 2), Error);
}

}  // namespace
}  // namespace nolabel
