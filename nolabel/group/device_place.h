// On which GPU each process of a group computes, and whether their tensors can travel by NCCL.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "nolabel/group/group.h"

namespace nolabel {

struct DevicePlace {
  // "1f0b…e3 0000:0b:00.0": the machine, as its kernel names the time since it started, and the GPU
  // on its PCI bus. Empty: the process computes on processors.
  std::string gpu;
  std::string problem;  // why this process cannot use NCCL; empty when it can
  bool operator==(const DevicePlace&) const = default;
};

// Of this process. The environment variable NOLABEL_NCCL=off is a problem. Throws
// Error(Fault::usage) where it is neither `on` nor `off`.
DevicePlace device_place(at::Device device);

// Of all processes, by rank, the same in each. All must call it.
std::vector<DevicePlace> device_places(Group& group, at::Device device);

// Why the tensors of GPUs travel through the memory of the host; empty: by NCCL, for which each
// process must compute on a GPU of its own. Follows from `places` alone, so that all processes of a
// group find the same.
std::string reason_against_nccl(const std::vector<DevicePlace>& places);

}  // namespace nolabel
