// One optimizer step: forward, loss over the whole batch, backward, update.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "nolabel/group/group.h"
#include "nolabel/train/batch_inputs.h"
#include "nolabel/train/ema.h"
#include "nolabel/train/loss_scale.h"
#include "nolabel/train/optimizer.h"
#include "nolabel/train/settings.h"
#include "nolabel/train/task.h"

namespace nolabel {

class TrainingStep {
 public:
  // `task` and `model` must outlive it. The model is placed and its parameters are chosen. It joins
  // the group, whose processes make every step together: each has a share of the samples, all have
  // the loss over the whole batch and the same weights.
  TrainingStep(Task& task, Model& model, const TrainSettings& settings,
               std::shared_ptr<Group> group = single_process());

  // Trains on one batch, the same for all processes of the group. The update is skipped, without
  // synchronisation, when the loss is not finite or the batch trains nothing. Returned values carry
  // no graph. `next`: the batch of the next call, where it is known; on a GPU its inputs are made
  // meanwhile.
  LossValues run(const SampleRange& batch, double learning_rate,
                 const std::optional<SampleRange>& next = std::nullopt);

  // Gradients of the last run(), one per trained parameter, fp32 or fp64.
  const std::vector<at::Tensor>& gradients() const { return gradients_; }
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
  Tensors outputs(const BatchInputs::Pass& pass, bool update_statistics);
  LossValues backward_whole(const BatchInputs::Pass& batch);
  LossValues backward_in_passes(const std::vector<BatchInputs::Pass>& passes);
  void collect_gradients();

  Task& task_;
  Model& model_;
  const TrainSettings settings_;
  const std::shared_ptr<Group> group_;
  BatchInputs inputs_;
  Tensors leaves_;     // what autograd sees
  Tensors gradients_;  // in the masters' type
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<Ema> ema_;
  LossScale loss_scale_;
};

}  // namespace nolabel
