#include "nolabel/train/batch_inputs.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "nolabel/base/error.h"
#include "nolabel/train/loop_testing.h"

namespace nolabel {
namespace {

using testing_loop::CouplingTask;

// Counts the batches that it makes, and may refuse one of them.
class CountingTask : public CouplingTask {
 public:
  mutable std::atomic<int> made{0};
  int64_t refused_position = -1;
  std::chrono::milliseconds duration{0};

  std::vector<at::Tensor> inputs(const SampleRange& range) const override {
    std::this_thread::sleep_for(duration);
    if (range.first_position == refused_position) fail_data("image 12 cannot be read.");
    std::vector<at::Tensor> inputs = CouplingTask::inputs(range);
    ++made;
    return inputs;
  }
};

const std::vector<int64_t> shuffled = {5, 3, 0, 4, 1, 2};

SampleRange batch_of_two(int64_t step) {
  return {0, 2 * step, std::span(shuffled).subspan(static_cast<size_t>(2 * step), 2)};
}

void wait_until_made(const CountingTask& task, int count) {
  while (task.made < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(BatchInputs, AheadMakesWhatTheStepWouldMake) {
  CountingTask task;
  BatchInputs plain(task, *single_process(), at::kCPU, 0, /*ahead=*/false),
      ahead(task, *single_process(), at::kCPU, 0, /*ahead=*/true);
  for (int64_t step = 0; step < 3; ++step) {
    std::optional<SampleRange> next;
    if (step < 2) next = batch_of_two(step + 1);
    const auto expected = plain.of(batch_of_two(step), next);
    const auto actual = ahead.of(batch_of_two(step), next);
    ASSERT_EQ(actual.size(), 1u);
    EXPECT_TRUE(actual[0].inputs[0].equal(expected[0].inputs[0]));
  }
  EXPECT_EQ(task.made, 6);
}

TEST(BatchInputs, MakesTheNextBatchBeforeItIsAskedFor) {
  CountingTask task;
  BatchInputs inputs(task, *single_process(), at::kCPU, 0, /*ahead=*/true);
  {
    std::vector<int64_t> samples(shuffled.begin() + 2, shuffled.begin() + 4);
    inputs.of(batch_of_two(0), SampleRange{0, 2, samples});
    samples.assign(2, 99);  // the worker has its own copy
  }
  wait_until_made(task, 2);
  const auto passes = inputs.of(batch_of_two(1), std::nullopt);
  EXPECT_EQ(task.made, 2);
  EXPECT_TRUE(passes[0].inputs[0].equal(task.CouplingTask::inputs(batch_of_two(1))[0]));
}

TEST(BatchInputs, WithoutAWorkerNothingIsMadeAhead) {
  CountingTask task;
  BatchInputs inputs(task, *single_process(), at::kCPU, 0, /*ahead=*/false);
  inputs.of(batch_of_two(0), batch_of_two(1));
  EXPECT_EQ(task.made, 1);
}

TEST(BatchInputs, PassesDivideTheBatchInOrder) {
  CountingTask task;
  BatchInputs whole(task, *single_process(), at::kCPU, 0, false),
      parts(task, *single_process(), at::kCPU, 4, true);
  const SampleRange batch{0, 0, shuffled};
  const at::Tensor expected = whole.of(batch, std::nullopt)[0].inputs[0];
  const auto passes = parts.of(batch, std::nullopt);
  ASSERT_EQ(passes.size(), 2u);
  EXPECT_EQ(passes[1].begin, 4);
  EXPECT_EQ(passes[1].size, 2);
  EXPECT_TRUE(at::cat({passes[0].inputs[0], passes[1].inputs[0]}).equal(expected));
}

TEST(BatchInputs, AnErrorArrivesWithItsOwnBatch) {
  CountingTask task;
  task.refused_position = 2;
  BatchInputs inputs(task, *single_process(), at::kCPU, 0, /*ahead=*/true);
  EXPECT_NO_THROW(inputs.of(batch_of_two(0), batch_of_two(1)));
  EXPECT_THROW(inputs.of(batch_of_two(1), batch_of_two(2)), Error);
}

// After a Ctrl-C, say: the task is destroyed right after the inputs.
TEST(BatchInputs, TheEndWaitsForTheWorker) {
  CountingTask task;
  task.duration = std::chrono::milliseconds(50);
  {
    BatchInputs inputs(task, *single_process(), at::kCPU, 0, /*ahead=*/true);
    inputs.of(batch_of_two(0), batch_of_two(1));
    while (task.made < 1) std::this_thread::yield();
  }
  const int made = task.made;
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(task.made, made);
}

}  // namespace
}  // namespace nolabel
