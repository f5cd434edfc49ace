// The inputs of each batch, of which every process of a group has its share. On a GPU the inputs of
// the next batch are made on another thread while the device computes: they depend on the batch's
// position alone, never on what the step does. The first batch of an epoch is made when it is asked
// for.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "nolabel/base/next_ahead.h"
#include "nolabel/group/group.h"
#include "nolabel/train/task.h"

namespace nolabel {

class BatchInputs {
 public:
  // One forward pass of a batch, by the whole group: the first sample's place in the batch, and how
  // many there are. The inputs are of Group::share(size) of these, so that the passes, and the
  // views in them, are the same however many processes there are.
  struct Pass {
    int64_t begin, size;
    std::vector<at::Tensor> inputs;
  };

  // `task` and `group` must outlive it. `images_per_pass`: 0 is the whole batch. `ahead`: make the
  // next batch's inputs on another thread. A CPU would gain nothing: its cores compute the step.
  // `same_memory`: the inputs of every batch lie where those of the first one lay, as a recorded
  // step needs them; all batches have one size then.
  BatchInputs(const Task& task, const Group& group, at::Device device, int64_t images_per_pass,
              bool ahead, bool same_memory = false);

  // The passes of `batch`, their inputs on the device. The inputs of `next` begin to be made; the
  // next call must ask for that batch. An error of Task::inputs() arrives with its own batch.
  std::vector<Pass> of(const SampleRange& batch, const std::optional<SampleRange>& next);

  // How long of() has waited for inputs, all calls together.
  double seconds_waited() const { return on_host_.seconds_waited(); }

 private:
  // With its own copy of the samples: the caller's order may end before the other thread does.
  struct Batch {
    explicit Batch(const SampleRange& range)
        : epoch(range.epoch),
          first_position(range.first_position),
          samples(range.samples.begin(), range.samples.end()) {}
    bool operator==(const Batch&) const = default;

    int epoch;
    int64_t first_position;
    std::vector<int64_t> samples;
  };

  std::vector<Pass> made(const Batch& batch) const;
  std::vector<Pass> in_same_memory(const std::vector<Pass>& passes);

  const Task& task_;
  const Group& group_;
  const at::Device device_;
  const int64_t images_per_pass_;
  const bool same_memory_;
  std::vector<Pass> memory_;  // of all batches
  NextAhead<Batch, std::vector<Pass>> on_host_;
};

}  // namespace nolabel
