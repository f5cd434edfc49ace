// Sums of what the steps of an epoch report, kept on the device so that no step waits for the GPU.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nolabel/model/weights_file.h"
#include "nolabel/train/task.h"

namespace nolabel {

class EpochLog {
 public:
  // Adds a step. Batches that train nothing are counted apart and enter no mean.
  void add(const LossValues& loss);

  // True while every loss so far was finite. Waits for the device.
  bool finite() const;
  int64_t batches_without_training() const;
  // Means by name ("loss", "entropy" …), and with cluster counts "clusters_used" (clusters that
  // were the most probable one of some image).
  nlohmann::json means() const;
  // Clusters nobody chose; 0 when the task has no clusters.
  int64_t unused_clusters() const;

  // Within an epoch, for checkpoints.
  Value state() const;
  void load_state(const Value& state);

 private:
  std::vector<std::string> names_;
  at::Tensor sums_;            // [P] double
  at::Tensor trained_;         // scalar int64
  at::Tensor not_trained_;     // scalar int64
  at::Tensor not_finite_;      // scalar int64
  at::Tensor cluster_counts_;  // [C] int64, undefined without clusters
};

}  // namespace nolabel
