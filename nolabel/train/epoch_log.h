// Sums of what the steps of an epoch report, kept on the device so that no step waits for the GPU.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nolabel/train/task.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {

class EpochLog {
 public:
  // Adds a step, in place: nothing of `loss` is kept. Batches that train nothing are counted apart.
  void add(const LossValues& loss);

  // True while every loss so far was finite. Waits for the device.
  bool finite() const;
  int64_t batches_without_training() const;
  // Means by name ("loss", "entropy" …) over the batches that had a number, null when none had; and
  // with cluster counts "clusters_used" (clusters that were the most probable one of some image, in
  // the head with the fewest).
  nlohmann::json means() const;
  // By head, clusters nobody chose; empty when the task has no clusters.
  std::vector<int64_t> unused_clusters() const;

  // Within an epoch, for checkpoints.
  Value state() const;
  void load_state(const Value& state);

 private:
  void move_to(at::Device device);

  std::vector<std::string> names_;
  at::Tensor sums_;            // [P] double
  at::Tensor counts_;          // [P] int64: batches in each sum
  at::Tensor not_trained_;     // scalar int64
  at::Tensor not_finite_;      // scalar int64
  at::Tensor cluster_counts_;  // [H,C] int64, undefined without clusters
};

// LossValues::cluster_counts of logits [B,H,C], without waiting for the device.
at::Tensor count_clusters(const at::Tensor& logits);

}  // namespace nolabel
