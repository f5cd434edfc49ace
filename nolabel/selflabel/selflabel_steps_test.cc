#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/selflabel/selflabel_task.h"
#include "nolabel/train/group_steps_testing.h"

namespace nolabel {
namespace {

using namespace testing_tasks;

std::unique_ptr<Task> selflabel_task(const at::Tensor& views, double threshold) {
  return std::make_unique<SelflabelTask>(SelflabelSettings{.confidence_threshold = threshold},
                                         std::make_unique<FixedViews>(views),
                                         std::make_unique<FixedViews>(views), "");
}

class SelflabelSteps : public testing::TestWithParam<GoldenSteps> {};

// The threshold lies among the confidences of the first step, so that some images are kept.
TEST_P(SelflabelSteps, EqualPyTorch) {
  const Value golden = read_weights_file(NOLABEL_TEST_DATA "/selflabel_steps.safetensors");
  const Value* stored = golden.find(GetParam().name + ".threshold");
  ASSERT_TRUE(stored);
  const double threshold = std::get<at::Tensor>(stored->data).item<double>();
  const ModelSettings network{
      .kind = ModelSettings::Kind::clustering, .backbone = GetParam().backbone, .clusters = 3};
  expect_ten_steps_equal(golden, GetParam(), network, [threshold](const at::Tensor& views) {
    return selflabel_task(views, threshold);
  });
}

INSTANTIATE_TEST_SUITE_P(Of, SelflabelSteps, testing::ValuesIn(golden_steps()),
                         [](const auto& tested) { return tested.param.name; });

class SelflabelInAGroup : public testing::TestWithParam<GoldenSteps> {};

TEST_P(SelflabelInAGroup, MakesTheSameSteps) {
  const ModelSettings network{
      .kind = ModelSettings::Kind::clustering, .backbone = GetParam().backbone, .clusters = 3};
  // Of three clusters, the most probable one has more than a third: all images count.
  expect_a_group_makes_the_same_steps(GetParam(), network, [](const at::Tensor& views) {
    return selflabel_task(views, /*threshold=*/0.34);
  });
}

INSTANTIATE_TEST_SUITE_P(Of, SelflabelInAGroup, testing::ValuesIn(group_steps(LiteSteps::sgd)),
                         [](const auto& tested) { return tested.param.name; });

TEST(SelflabelInAGroup16, RoundsAsOneProcess) {
  const ModelSettings network{.kind = ModelSettings::Kind::clustering,
                              .backbone = group_steps(LiteSteps::sgd).front().backbone,
                              .clusters = 3};
  expect_a_group_rounds_as_one_process(
      network, [](const at::Tensor& views) { return selflabel_task(views, /*threshold=*/0.34); });
}

}  // namespace
}  // namespace nolabel
