#include <gtest/gtest.h>

#include "nolabel/pretext/simclr_task.h"
#include "nolabel/train/group_steps_testing.h"

namespace nolabel {
namespace {

using namespace testing_tasks;

std::unique_ptr<Task> simclr_task(const at::Tensor& views) {
  return std::make_unique<SimclrTask>(SimclrSettings{.temperature = 0.1},
                                      std::make_unique<FixedViews>(views), SimclrTask::Monitor{});
}

class SimclrSteps : public testing::TestWithParam<GoldenSteps> {};

TEST_P(SimclrSteps, EqualPyTorch) {
  const Value golden = read_weights_file(NOLABEL_TEST_DATA "/simclr_steps.safetensors");
  const ModelSettings network{.backbone = GetParam().backbone, .embedding_dimensions = 6};
  expect_ten_steps_equal(golden, GetParam(), network, simclr_task);
}

INSTANTIATE_TEST_SUITE_P(Of, SimclrSteps, testing::ValuesIn(golden_steps()),
                         [](const auto& tested) { return tested.param.name; });

class SimclrInAGroup : public testing::TestWithParam<GoldenSteps> {};

TEST_P(SimclrInAGroup, MakesTheSameSteps) {
  const ModelSettings network{.backbone = GetParam().backbone, .embedding_dimensions = 6};
  expect_a_group_makes_the_same_steps(GetParam(), network, simclr_task);
}

INSTANTIATE_TEST_SUITE_P(Of, SimclrInAGroup, testing::ValuesIn(group_steps(LiteSteps::sgd)),
                         [](const auto& tested) { return tested.param.name; });

TEST(SimclrInAGroup16, RoundsAsOneProcess) {
  const ModelSettings network{.backbone = group_steps(LiteSteps::sgd).front().backbone,
                              .embedding_dimensions = 6};
  expect_a_group_rounds_as_one_process(network, simclr_task);
}

}  // namespace
}  // namespace nolabel
