#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/selflabel/selflabel_task.h"
#include "nolabel/train/steps_testing.h"

namespace nolabel {
namespace {

using namespace testing_tasks;

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
    return std::make_unique<SelflabelTask>(SelflabelSettings{.confidence_threshold = threshold},
                                           std::make_unique<FixedViews>(views),
                                           std::make_unique<FixedViews>(views), "");
  });
}

INSTANTIATE_TEST_SUITE_P(Of, SelflabelSteps, testing::ValuesIn(golden_steps()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace nolabel
