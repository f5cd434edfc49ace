#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/cluster/scan_task.h"
#include "nolabel/train/group_steps_testing.h"

namespace nolabel {
namespace {

using namespace testing_tasks;

// The neighbor of image i is image i + 1.
std::unique_ptr<Task> scan_task(const at::Tensor& views, bool head_only) {
  Matrix<int64_t> table(golden_images, 2);
  for (int64_t i = 0; i < golden_images; ++i) {
    table.at(i, 0) = table.at(i, 1) = (i + 1) % golden_images;
  }
  return std::make_unique<ScanTask>(ScanSettings{.neighbors = 1, .head_only = head_only},
                                    std::make_unique<FixedViews>(views), table,
                                    ScanTask::Validation{}, "", 0);
}

class ScanSteps : public testing::TestWithParam<GoldenSteps> {};

TEST_P(ScanSteps, EqualPyTorch) {
  const Value golden = read_weights_file(NOLABEL_TEST_DATA "/scan_steps.safetensors");
  const ModelSettings network{.kind = ModelSettings::Kind::clustering,
                              .backbone = GetParam().backbone,
                              .clusters = 4,
                              .heads = 2};
  const bool head_only = GetParam().name == "frozen_sgd";
  expect_ten_steps_equal(golden, GetParam(), network, [head_only](const at::Tensor& views) {
    return scan_task(views, head_only);
  });
}

// As ImageNet's recipe has it: the backbone frozen, in eval mode.
std::vector<GoldenSteps> with_a_frozen_backbone() {
  std::vector<GoldenSteps> cases = golden_steps();
  const auto& largest = testing_models::golden_backbones().back();
  cases.push_back({"frozen_sgd", largest.backbone, largest.side, OptimizerKind::sgd, 5e-3});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Of, ScanSteps, testing::ValuesIn(with_a_frozen_backbone()),
                         [](const auto& tested) { return tested.param.name; });

class ScanInAGroup : public testing::TestWithParam<GoldenSteps> {};

TEST_P(ScanInAGroup, MakesTheSameSteps) {
  const ModelSettings network{.kind = ModelSettings::Kind::clustering,
                              .backbone = GetParam().backbone,
                              .clusters = 4,
                              .heads = 2};
  expect_a_group_makes_the_same_steps(GetParam(), network, [](const at::Tensor& views) {
    return scan_task(views, /*head_only=*/false);
  });
}

INSTANTIATE_TEST_SUITE_P(Of, ScanInAGroup, testing::ValuesIn(group_steps(LiteSteps::sgd_and_adam)),
                         [](const auto& tested) { return tested.param.name; });

TEST(ScanInAGroup16, RoundsAsOneProcess) {
  const ModelSettings network{.kind = ModelSettings::Kind::clustering,
                              .backbone = group_steps(LiteSteps::sgd).front().backbone,
                              .clusters = 4,
                              .heads = 2};
  expect_a_group_rounds_as_one_process(
      network, [](const at::Tensor& views) { return scan_task(views, /*head_only=*/false); });
}

}  // namespace
}  // namespace nolabel
