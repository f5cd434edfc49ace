// Our plug-in library, libnolabel_cuda.so (nolabel/cuda/). It brings LibTorch's CUDA operators into
// a program that links only the CPU part, and the functions below, which need CUDA's own headers.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>

#include "nolabel/gpu/fused_norm.h"
#include "nolabel/gpu/recording.h"

namespace nolabel {

// All that the program calls in the plug-in. Both are built together, so that classes of C++ pass.
struct CudaFunctions {
  std::unique_ptr<Recording> (*make_recording)(at::Device device);
  FusedNorm fused_norm;
};

struct CudaPlugin {
  std::string problem;                       // why it is not loaded; empty when it is
  const CudaFunctions* functions = nullptr;  // when it is loaded
};

// Loads libnolabel_cuda.so from the program's folder or ../lib, the first time it is called and
// only when there is a driver. Must come before anything asks LibTorch about CUDA, which remembers
// "absent" for good. Thread-safe.
const CudaPlugin& load_cuda_plugin();

}  // namespace nolabel
