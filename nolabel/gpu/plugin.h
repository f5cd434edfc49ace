// Our plug-in library, libnolabel_cuda.so (nolabel/cuda/). It brings LibTorch's CUDA operators into
// a program that links only the CPU part, and the functions below, which need CUDA's own headers.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/intrusive_ptr.h>

#include <memory>
#include <string>

#include "nolabel/gpu/fused_norm.h"
#include "nolabel/gpu/recording.h"

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

namespace nolabel {

// All that the program calls in the plug-in. Both are built together, so that classes of C++ pass.
struct CudaFunctions {
  std::unique_ptr<Recording> (*make_recording)(at::Device device);
  FusedNorm fused_norm;
  // NCCL among `size` processes, of which this one is `rank`, each with a GPU of its own (NCCL
  // refuses two processes on one GPU): that of the tensors. They find one another through `store`,
  // whose keys are this engine's alone, at the first collective operation, which waits for all. No
  // thread watches over it, and a failure does not end the process: both is for the caller
  // (group/device_link.h). Throws c10::Error.
  c10::intrusive_ptr<c10d::Backend> (*make_nccl_engine)(
      const c10::intrusive_ptr<c10d::Store>& store, int rank, int size);
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
