#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "nolabel/base/format.h"
#include "nolabel/cluster/head_selection.h"
#include "nolabel/cluster/scan_task.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/train/task_testing.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using namespace testing_tasks;

// Heads learn from shifted features. What is scored and written takes features as they are, and the
// training goes on with the heads that it had.
TEST(ScanTask, WritesHeadsForFeaturesAsTheyAre) {
  constexpr int64_t images = 20, dimensions = 6;
  const fs::path file = fs::path(testing::TempDir()) /
                        format("scan_shift_{}.pth.tar", static_cast<int64_t>(getpid()));
  const at::Tensor features = (wave({images, dimensions}, 1) * 300 + 900).to(at::kFloat);
  const FeatureShift shift = measure_shift(features);
  Matrix<int64_t> table(images, 2);
  for (int64_t i = 0; i < images; ++i) {
    table.at(i, 0) = i;
    table.at(i, 1) = (i + 1) % images;
  }
  Model model({.kind = ModelSettings::Kind::clustering,
               .backbone = given_features(dimensions),
               .clusters = 3,
               .heads = 2},
              4);
  const Tensors learnt = weights(model);
  const auto cached = [&] {
    return std::make_unique<CachedFeatures>(features.unsqueeze(0), 0, StageNumber::scan);
  };
  const ScanTask::Validation validation{[&](Model&) { return features; }, table};
  ScanTask task({.neighbors = 1, .head_only = true}, cached(), table, validation, file, 0, shift);

  const Tensors inputs = task.inputs({0, 0, in_order(images)});
  EXPECT_TRUE(inputs[0].equal(features));
  const Tensors outputs = task.outputs(model, inputs, false);
  const at::Tensor expected = at::stack(model.logits(shifted(features, shift)), 1);
  EXPECT_TRUE(outputs[0].equal(expected));

  const nlohmann::json figures = task.validate(model, 0);
  task.save();
  EXPECT_TRUE(same(weights(model), learnt));
  const WeightsInFile written = read_model_weights(file);
  fs::remove(file);
  Model read(model.settings(), 0);
  read.load_state_dict(written.state);
  const at::Tensor probabilities = at::stack(read.logits(features), 1).softmax(2);
  EXPECT_LT((probabilities - expected.softmax(2)).abs().max().item<double>(), 1e-5);
  const std::vector<HeadScore> scores = score_heads(read, features, table);
  for (int head = 0; head < 2; ++head) {
    EXPECT_EQ(figures["heads"][head]["total"], scores[head].total);  // to the last digit
  }
}

}  // namespace
}  // namespace nolabel
