// What CUDA there is: the driver, asked directly, and our plug-in library, which brings LibTorch's
// CUDA operators into a program that links only its CPU part.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nolabel {

struct Gpu {
  std::string name;
  uint64_t memory_bytes;
  int major, minor;  // compute capability
};

struct CudaDriver {
  bool found = false;
  int version = 0;        // of the CUDA it supports: 13000 is 13.0
  std::vector<Gpu> gpus;  // empty when there is none or the driver does not start
  std::string problem;    // why there is no GPU; empty when there is one
};

// Asks libcuda.so.1; needs neither LibTorch's CUDA part nor the plug-in.
CudaDriver query_cuda_driver();

struct CudaPlugin {
  bool loaded = false;
  std::string problem;  // why it is not loaded
};

// Loads libnolabel_cuda.so from the program's folder or ../lib, the first time it is called and
// only when there is a driver. Must come before anything asks LibTorch about CUDA, which remembers
// "absent" for good. Thread-safe.
const CudaPlugin& load_cuda_plugin();

}  // namespace nolabel
