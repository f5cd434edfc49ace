// The NVIDIA driver of this machine, asked directly: neither LibTorch's CUDA part nor our plug-in
// (plugin.h) is needed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nolabel {

struct Gpu {
  std::string name;
  uint64_t memory_bytes;
  int major, minor;    // compute capability
  std::string bus_id;  // on this machine's PCI bus: "0000:0b:00.0"
};

struct CudaDriver {
  bool found = false;
  int version = 0;        // of the CUDA it supports: 13000 is 13.0
  std::vector<Gpu> gpus;  // empty when there is none or the driver does not start
  std::string problem;    // why there is no GPU; empty when there is one
};

// Asks libcuda.so.1.
CudaDriver query_cuda_driver();

}  // namespace nolabel
