#include "nolabel/neighbors/knn_monitor.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace nolabel {
namespace {

// Unit vectors in the plane at these angles (radians).
at::Tensor at_angles(std::initializer_list<float> angles) {
  const at::Tensor angle = at::tensor(angles);
  return at::stack({angle.cos(), angle.sin()}, 1);
}

// One image near label 0, two of label 1 further away: who wins is a matter of the temperature.
TEST(KnnAccuracy, WeighsVotesBySimilarityOverTemperature) {
  const LabelledEmbeddings train{at_angles({0.1f, 0.8f, -0.8f}), {0, 1, 1}};
  const LabelledEmbeddings validation{at_angles({0.0f}), {0}};
  // 0 wins when exp((cos .1 - cos .8)/τ) > 2, which is τ < 0.4303.
  EXPECT_EQ(knn_accuracy(train, validation, {.temperature = 0.42}, {}), 1);
  EXPECT_EQ(knn_accuracy(train, validation, {.temperature = 0.44}, {}), 0);
  EXPECT_EQ(knn_accuracy(train, validation, {.temperature = 1e-4}, {}), 1);
}

TEST(KnnAccuracy, AsksOnlyTheNearest) {
  const LabelledEmbeddings train{at_angles({0.1f, 0.8f, -0.8f}), {0, 1, 1}};
  const LabelledEmbeddings validation{at_angles({0.0f}), {0}};
  EXPECT_EQ(knn_accuracy(train, validation, {.neighbors = 1, .temperature = 10}, {}), 1);
  EXPECT_EQ(knn_accuracy(train, validation, {.neighbors = 3, .temperature = 10}, {}), 0);
}

TEST(KnnAccuracy, IsAShareAndKnowsLabelsThatTrainLacks) {
  const LabelledEmbeddings train{at_angles({0.0f, 1.5f}), {0, 1}};
  const LabelledEmbeddings validation{at_angles({0.1f, 1.4f, 0.2f, 1.3f}), {0, 1, 1, 7}};
  EXPECT_EQ(knn_accuracy(train, validation, {.neighbors = 1}, {}), 0.5);
}

}  // namespace
}  // namespace nolabel
