#include "nolabel/train/step.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "nolabel/train/epoch_log.h"
#include "nolabel/train/loop_testing.h"

namespace nolabel {
namespace {

using testing_loop::CouplingTask;
using testing_loop::images;
using testing_loop::small_model;
using testing_tasks::in_order;
using testing_tasks::same;
using testing_tasks::Tensors;
using testing_tasks::weights;

// Passes of a third of the batch, with batch norm on its running statistics (its own statistics
// would differ by pass): the gradient is that of the whole batch.
TEST(TrainingStep, GradientsInPassesAreThoseOfTheWholeBatch) {
  const std::vector<int64_t> order = in_order(images);
  std::vector<Tensors> gradients;
  for (const int micro : {0, 8, 5}) {
    CouplingTask task;
    task.type = at::kDouble;
    task.frozen_statistics = true;
    Model model = small_model();
    model.place(at::kCPU, Precision::fp64);
    model.require_gradients(Trainable::everything);
    TrainSettings settings;
    settings.micro_batch_size = micro;
    TrainingStep step(task, model, settings);
    step.run({0, 0, order}, 0.1);
    gradients.push_back(step.gradients());
  }
  for (size_t i = 0; i < gradients[0].size(); ++i) {
    const double size = gradients[0][i].norm().item<double>();
    for (const size_t other : {1, 2}) {
      EXPECT_LE((gradients[0][i] - gradients[other][i]).norm().item<double>(),
                1e-10 * size + 1e-14);
    }
  }
}

// What a GPU does with a recording, done by the CPU: the work as it was handed over is done again.
class RepeatedWork : public Recording {
 public:
  struct Calls {
    int rehearsed = 0, recorded = 0, repeated = 0;
  };
  explicit RepeatedWork(Calls& calls) : calls_(calls) {}
  void rehearse(const std::function<void()>& work) override {
    ++calls_.rehearsed;
    work();
  }
  void record(const std::function<void()>& work) override {
    ++calls_.recorded;
    work_ = work;
  }
  void repeat() override {
    ++calls_.repeated;
    work_();
  }

 private:
  Calls& calls_;
  std::function<void()> work_;
};

// Notes where the inputs lie that the network gets.
class PlaceNotingTask : public CouplingTask {
 public:
  mutable std::set<const void*> places;
  Tensors outputs(Model& model, const Tensors& inputs, bool update) const override {
    places.insert(inputs[0].const_data_ptr());
    return CouplingTask::outputs(model, inputs, update);
  }
};

struct Trained {
  Tensors weights, averages;
  nlohmann::json losses;
  size_t places;
};

// Eight steps with a rate that falls from step to step.
Trained trained(int micro_batch_size, std::unique_ptr<Recording> recording) {
  at::set_num_threads(1);
  PlaceNotingTask task;
  Model model = small_model();
  task.choose_parameters(model);
  TrainSettings settings = testing_loop::settings_for(1);
  settings.micro_batch_size = micro_batch_size;
  TrainingStep step(task, model, settings, single_process(), std::move(recording));
  const std::vector<int64_t> order = in_order(images);
  EpochLog log;
  for (int64_t i = 0; i < 8; ++i) {
    const int64_t begin = i % 3 * 8;
    const auto samples = std::span(order).subspan(static_cast<size_t>(begin), 8);
    log.add(step.run({static_cast<int>(i), begin, samples}, 0.1 / static_cast<double>(i + 1)));
  }
  return {weights(model), step.ema()->shadow(), log.means(), task.places.size()};
}

TEST(TrainingStep, RepeatedFromARecordingComputesTheSame) {
  for (const int micro_batch_size : {0, 3}) {
    RepeatedWork::Calls calls;
    const Trained plain = trained(micro_batch_size, nullptr);
    const Trained recorded = trained(micro_batch_size, std::make_unique<RepeatedWork>(calls));
    EXPECT_TRUE(same(recorded.weights, plain.weights));
    EXPECT_TRUE(same(recorded.averages, plain.averages));
    EXPECT_EQ(recorded.losses, plain.losses);
    EXPECT_EQ(calls.rehearsed, 3);
    EXPECT_EQ(calls.recorded, 1);
    EXPECT_EQ(calls.repeated, 5);
    // One place for each pass, whatever the batch.
    EXPECT_EQ(recorded.places, micro_batch_size == 0 ? 1u : 3u);
  }
}

class FailingRecording : public Recording {
 public:
  explicit FailingRecording(std::string reason) : reason_(std::move(reason)) {}
  void rehearse(const std::function<void()>& work) override { work(); }
  void record(const std::function<void()>&) override { TORCH_CHECK(false, reason_); }
  void repeat() override { FAIL() << "nothing was recorded"; }

 private:
  const std::string reason_;
};

TEST(TrainingStep, SaysHowToTrainWithoutARecordingThatFails) {
  for (const std::string reason :
       {"operation not permitted when stream is capturing", "CUDA out of memory"}) {
    try {
      trained(0, std::make_unique<FailingRecording>(reason));
      FAIL() << "the recording failed";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::system);
      EXPECT_THAT(error.what(), testing::HasSubstr("--cuda-graph false"));
      EXPECT_EQ(means_no_memory(error), reason == "CUDA out of memory") << error.what();
    }
  }
}

TEST(TrainingStep, IsNotRecordedOnACpu) {
  const Model model = small_model();
  EXPECT_EQ(recording_of_steps(model, {}, *single_process()), nullptr);
}

}  // namespace
}  // namespace nolabel
