// For the tests of the tasks: a checkpoint that PyTorch wrote continues here, and ours continues in
// PyTorch (tools/golden/tasks.py), with the same next steps.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "nolabel/base/format.h"
#include "nolabel/train/checkpoint.h"
#include "nolabel/train/task_testing.h"
#include "nolabel/weights/peers_testing.h"

namespace nolabel::testing_tasks {

// The weights after three more steps on all samples, and the "losses" of these.
inline StateDict three_more_steps(const TrainingState& state, const TrainSettings& settings) {
  const std::vector<int64_t> order = in_order(state.task.samples());
  Tensors losses;
  for (int i = 0; i < 3; ++i) {
    losses.push_back(
        state.step.run({0, 0, order}, settings.optimizer.learning_rate).parts[0].second);
  }
  StateDict result{{"losses", at::stack(losses)}};
  for (const NamedTensor& parameter : state.model.parameters()) {
    result.push_back({parameter.name, parameter.tensor.detach().clone()});
  }
  return result;
}

// Continues `name`_resume.pth.tar of the test data (two epochs are complete) in `model`, whose own
// weights are others, then writes a checkpoint and lets Python continue it. float64.
inline void expect_resumes_across(const std::string& name, Task& task, Model& model,
                                  const TrainSettings& settings) {
  const std::filesystem::path data = NOLABEL_TEST_DATA;
  task.choose_parameters(model);
  TrainingStep step(task, model, settings);
  EpochLog log;
  Cursor cursor;
  TrainingState state{task, model, step, log, cursor};
  const auto remark = read_checkpoint(data / (name + "_resume.pth.tar"), state, settings);
  ASSERT_TRUE(remark);
  EXPECT_NE(remark->find("another program"), std::string::npos);
  EXPECT_EQ(cursor.epoch, 2);
  EXPECT_EQ(cursor.step, 0);
  const Value golden = read_weights_file(data / (name + "_resume.safetensors"));
  for (const auto& [key, tensor] : three_more_steps(state, settings)) {
    const Value* expected = golden.find(key);
    ASSERT_TRUE(expected) << key;
    EXPECT_TRUE(at::allclose(tensor, std::get<at::Tensor>(expected->data), 1e-9, 1e-12)) << key;
  }

  const auto python = testing_peers::python();
  if (!python) return;
  const std::filesystem::path ours = std::filesystem::path(testing::TempDir()) /
                                     format("{}_resume_{}", name, static_cast<int64_t>(getpid()));
  const std::filesystem::path next = ours.string() + ".next";
  write_checkpoint(ours, state, settings);
  write_safetensors(next, three_more_steps(state, settings), {});
  EXPECT_EQ(testing_peers::run(*python, "golden/tasks.py",
                               format("continue {} '{}' '{}'", name, ours.string(), next.string())),
            0);
  std::filesystem::remove(ours);
  std::filesystem::remove(next);
}

}  // namespace nolabel::testing_tasks
