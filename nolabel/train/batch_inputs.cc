#include "nolabel/train/batch_inputs.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "nolabel/base/error.h"

namespace nolabel {

BatchInputs::BatchInputs(const Task& task, const Group& group, at::Device device,
                         int64_t images_per_pass, bool ahead, bool same_memory)
    : task_(task),
      group_(group),
      device_(device),
      images_per_pass_(images_per_pass),
      same_memory_(same_memory),
      on_host_([this](const Batch& batch) { return made(batch); }, ahead) {
  NOLABEL_ASSERT(images_per_pass >= 0);
}

std::vector<BatchInputs::Pass> BatchInputs::of(const SampleRange& batch,
                                               const std::optional<SampleRange>& next) {
  std::optional<Batch> following;
  if (next) following.emplace(*next);
  std::vector<Pass> passes = on_host_.take(Batch(batch), std::move(following));
  if (same_memory_) return in_same_memory(passes);
  for (Pass& pass : passes) {
    for (at::Tensor& input : pass.inputs) input = input.to(device_, /*non_blocking=*/true);
  }
  return passes;
}

std::vector<BatchInputs::Pass> BatchInputs::in_same_memory(const std::vector<Pass>& passes) {
  if (memory_.empty()) {
    memory_ = passes;
    for (Pass& pass : memory_) {
      for (at::Tensor& input : pass.inputs) {
        input = at::empty_like(input, input.options().device(device_).pinned_memory(false));
      }
    }
  }
  NOLABEL_ASSERT(memory_.size() == passes.size());
  for (size_t i = 0; i < passes.size(); ++i) {
    for (size_t k = 0; k < passes[i].inputs.size(); ++k) {
      NOLABEL_ASSERT(memory_[i].inputs[k].sizes() == passes[i].inputs[k].sizes());
      memory_[i].inputs[k].copy_(passes[i].inputs[k], /*non_blocking=*/true);
    }
  }
  return memory_;
}

std::vector<BatchInputs::Pass> BatchInputs::made(const Batch& batch) const {
  std::vector<Pass> passes;
  const auto total = static_cast<int64_t>(batch.samples.size());
  const int64_t most = images_per_pass_ > 0 ? images_per_pass_ : total;
  for (int64_t begin = 0; begin < total; begin += most) {
    const int64_t size = std::min(most, total - begin);
    if (size < group_.size()) {
      fail_usage(
          "every forward pass must have an image for each of the {} processes. One of this batch "
          "has {}: choose another batch_size or micro_batch_size, or start fewer processes.",
          group_.size(), size);
    }
    const Share own = group_.share(size);
    const int64_t first = begin + own.begin;
    passes.push_back({begin, size,
                      task_.inputs({batch.epoch, batch.first_position + first,
                                    std::span(batch.samples).subspan(first, own.size)})});
    // Only from pinned memory does the device copy while the host goes on.
    if (!device_.is_cuda()) continue;
    for (at::Tensor& input : passes.back().inputs) {
      if (input.is_cpu()) input = input.pin_memory();
    }
  }
  return passes;
}

}  // namespace nolabel
