// One optimizer step: forward, loss over the whole batch, backward, update.
//
// On a GPU the first steps send their operations one by one; then a step is recorded, and all
// others repeat the recording (gpu/recording.h). What differs between steps lies in memory that
// stays: the inputs and the learning rate. While a recording lives, it keeps the memory of a step.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "nolabel/gpu/recording.h"
#include "nolabel/group/group.h"
#include "nolabel/train/batch_inputs.h"
#include "nolabel/train/ema.h"
#include "nolabel/train/gradient_buckets.h"
#include "nolabel/train/loss_scale.h"
#include "nolabel/train/optimizer.h"
#include "nolabel/train/settings.h"
#include "nolabel/train/task.h"

namespace nolabel {

// What a training of this model records its steps with. Null where it cannot or should not: on a
// CPU, without `cuda_graph`, in a group of several processes, or where the backbone is a program,
// because there the host asks the device for values within a step.
std::unique_ptr<Recording> recording_of_steps(const Model& model, const TrainSettings& settings,
                                              const Group& group);

class TrainingStep {
 public:
  // So many steps are sent before one is recorded: PyTorch's rule for CUDA graphs, because
  // operators choose their algorithms and take memory that they keep when they are used first.
  static constexpr int steps_until_recorded = 3;

  // `task` and `model` must outlive it. The model is placed and its parameters are chosen. It joins
  // the group, whose processes make every step together: each has a share of the samples, all have
  // the loss over the whole batch and the same weights. With a recording, all batches have one
  // size.
  TrainingStep(Task& task, Model& model, const TrainSettings& settings,
               std::shared_ptr<Group> group = single_process(),
               std::unique_ptr<Recording> recording = nullptr);

  // Trains on one batch, the same for all processes of the group. The update is skipped, without
  // synchronisation, when the loss is not finite or the batch trains nothing. Returned values carry
  // no graph; with a recording, the next call rewrites them. `next`: the batch of the next call,
  // where it is known; on a GPU its inputs are made meanwhile. Throws Error(Fault::system) when the
  // GPU cannot record the step.
  LossValues run(const SampleRange& batch, double learning_rate,
                 const std::optional<SampleRange>& next = std::nullopt);

  // Gradients of the last run(), one per trained parameter, fp32 or fp64.
  const std::vector<at::Tensor>& gradients() const { return gradients_; }
  // How long steps have waited for their inputs, all together.
  double seconds_waited() const { return inputs_.seconds_waited(); }
  const Ema* ema() const { return ema_.get(); }

  Value optimizer_state() const { return optimizer_->state(); }
  void load_optimizer_state(const Value& state) { optimizer_->load_state(state); }
  // Averaged weights and loss scale.
  Value extra_state() const;
  void load_extra_state(const Value& state);  // after the model's own
  // For weights that come from a program that kept no average: it starts from them.
  void restart_average();

 private:
  using Tensors = std::vector<at::Tensor>;
  void run_recorded();
  void compute();
  Tensors outputs(const BatchInputs::Pass& pass, bool update_statistics);
  LossValues backward_whole(const BatchInputs::Pass& batch);
  LossValues backward_in_passes(const std::vector<BatchInputs::Pass>& passes);
  void before_last_pass();
  void collect_gradients();

  Task& task_;
  Model& model_;
  const TrainSettings settings_;
  const std::shared_ptr<Group> group_;
  const std::unique_ptr<Recording> recording_;
  int steps_before_recording_ = steps_until_recorded;
  bool recorded_ = false;
  BatchInputs inputs_;
  std::vector<BatchInputs::Pass> passes_;  // of this step
  LossValues loss_;
  Tensors leaves_;                            // what autograd sees
  Tensors gradients_;                         // in the masters' type
  std::unique_ptr<GradientBuckets> buckets_;  // null in a group of one
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<Ema> ema_;
  LossScale loss_scale_;
};

}  // namespace nolabel
