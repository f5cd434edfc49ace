// The network and the input of the benchmarks of model and training.
#pragma once

#include <ATen/ATen.h>

#include <string>

#include "nolabel/base/error.h"
#include "nolabel/model/model.h"

namespace nolabel::bench {

inline Precision precision_named(const std::string& name) {
  if (name == "fp32") return Precision::fp32;
  if (name == "bf16") return Precision::bf16;
  if (name == "fp16") return Precision::fp16;
  fail_usage("precision must be fp32, bf16 or fp16. Received {}.", name);
}

inline Model contrastive_resnet18(Precision precision, at::Device device = at::kCPU) {
  Model model(ModelSettings{}, /*seed=*/1);
  model.place(device, precision);
  return model;
}

// [count,3,32,32], channels last.
inline at::Tensor random_views(int64_t count) {
  return at::randn({count, 3, 32, 32}).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace nolabel::bench
