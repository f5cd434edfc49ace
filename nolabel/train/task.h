// What a stage adds to the one training loop.
//
// All three losses couple the batch (negatives, mean cluster use, class counts), so a task gives
// its outputs per micro-batch and its loss over the outputs of the whole batch: accumulation cannot
// change the objective. Everything else (optimizer, schedule, precision, checkpoints, EMA, logs)
// exists once, in loop.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "nolabel/group/message.h"
#include "nolabel/model/model.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {

// ViewKey::stage: views of different stages never repeat one another.
enum class StageNumber : uint32_t { simclr = 1, scan = 2, selflabel = 3, features = 4 };

// Consecutive samples of an epoch's order.
struct SampleRange {
  int epoch;                         // from 0
  int64_t first_position;            // of samples[0] in the epoch's order
  std::span<const int64_t> samples;  // b indices
};

struct LossValues {
  at::Tensor total;  // scalar with gradient: what is minimised
  // Named scalars for logs, without gradient; the first is "loss", the figure that is reported. One
  // that is NaN says nothing about this batch.
  std::vector<std::pair<std::string, at::Tensor>> parts;
  at::Tensor trains_nothing;  // undefined, or a bool scalar: the batch has nothing to learn from
  // Undefined, or [H,C]: by head, images of the batch per most probable cluster.
  at::Tensor cluster_counts;
};

class Task {
 public:
  virtual ~Task() = default;
  virtual std::string name() const = 0;  // "scan"
  virtual int64_t samples() const = 0;   // per epoch

  // Marks the parameters that train (Model::require_gradients).
  virtual void choose_parameters(Model& model) const = 0;
  // Host tensors that outputs() needs for these samples: views [b * v, 3, S, S], cached features …
  // Depends on the range alone, and may run on another thread beside the functions below.
  virtual std::vector<at::Tensor> inputs(const SampleRange& range) const = 0;
  // Each [b, …], in the masters' type. `update_statistics` is false in the first of two passes
  // over the same inputs: batch norm then leaves its running statistics alone.
  virtual std::vector<at::Tensor> outputs(Model& model, const std::vector<at::Tensor>& inputs,
                                          bool update_statistics) const = 0;
  // outputs: as above, but of the whole batch [B, …].
  virtual LossValues loss(const std::vector<at::Tensor>& outputs) const = 0;

  // After each epoch: figures for the log under "validation"; may select the best model so far.
  // Called with the EMA parameters in `model` if EMA is on.
  virtual nlohmann::json validate(Model& model, int epoch) = 0;
  // Before each checkpoint: writes the model that validate() selected, if it is a new one.
  virtual void save() = 0;
  // What validate() must know after a resume, as a dict.
  virtual Value state() const = 0;
  virtual void load_state(const Value& state) = 0;

  // For the workers of a group: puts into `message` what described_task() (described_task.h) makes
  // a task from that has the same inputs, outputs and loss, and sees to it that the workers have
  // the images. Validation and saving are the leader's.
  virtual void describe(Group& group, Message& message) const = 0;
};

}  // namespace nolabel
