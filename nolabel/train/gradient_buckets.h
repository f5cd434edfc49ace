// The gradients of a step, summed over the processes of a group while the backward pass goes on:
// buckets of them, each of which travels as soon as its last gradient is there (Li et al. 2020,
// "PyTorch Distributed: Experiences on Accelerating Data Parallel Training", 3.2).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "nolabel/group/group.h"

namespace nolabel {

class GradientBuckets {
 public:
  // Measured over 1 Gbit/s (bench/results/2026-11-27-gradient-buckets-amd-epyc.json): 1 MiB is as
  // fast, 25 MiB slower, because the last bucket has nothing left to travel beside.
  static constexpr int64_t bytes_of_bucket = 4 << 20;

  // `leaves` collect the gradients; `like` has each gradient's shape, and the one type and device
  // in which they are summed. All processes give the same. A bucket takes so many bytes, or one
  // larger gradient. The leaves have hooks as long as this object lives: a last backward pass, like
  // finish(), throws the errors of Group.
  GradientBuckets(std::shared_ptr<Group> group, std::vector<at::Tensor> leaves,
                  const std::vector<at::Tensor>& like, int64_t bytes = bytes_of_bucket);
  GradientBuckets(const GradientBuckets&) = delete;
  GradientBuckets& operator=(const GradientBuckets&) = delete;
  ~GradientBuckets();

  // Before the last backward pass of a step: from now on, what a leaf has got is complete.
  void expect_last_pass();
  // After it. The sums are in gradients(), with zeros where no pass has reached a leaf, and the
  // leaves have no gradient any more.
  void finish();

  // One per leaf. The next step writes to the same memory.
  const std::vector<at::Tensor>& gradients() const { return gradients_; }

 private:
  class Arrival;
  struct Bucket {
    at::Tensor flat;
    std::vector<size_t> leaves;
    size_t arrived = 0;
    std::unique_ptr<PendingSum> sum;
  };
  void fill(size_t first, size_t last, const std::vector<at::Tensor>& like);
  void arrive(size_t leaf);
  void take(size_t leaf);

  const std::shared_ptr<Group> group_;
  const std::vector<at::Tensor> leaves_;
  std::vector<at::Tensor> gradients_;  // parts of the buckets
  std::vector<Bucket> buckets_;        // in the order in which all processes sum them
  std::vector<size_t> bucket_of_;      // by leaf
  std::vector<bool> taken_;            // by leaf
  size_t next_ = 0;                    // bucket to sum
  bool last_pass_ = false;
};

}  // namespace nolabel
