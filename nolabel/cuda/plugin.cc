// libnolabel_cuda.so: brings LibTorch's CUDA operators into a program that links only the CPU part.
//
// Loading it loads libtorch_cuda.so, whose operators register themselves. nolabel/gpu/plugin.cc
// does so when there is a driver, so that everybody else starts quickly and needs none of CUDA's
// libraries.
#include "nolabel/gpu/plugin.h"

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "nolabel/cuda/fused_norm.h"
#include "nolabel/cuda/graph_recording.h"
#include "nolabel/cuda/nccl_engine.h"

extern "C" const nolabel::CudaFunctions* nolabel_cuda_functions() {
  static const nolabel::CudaFunctions functions{.make_recording = nolabel::make_graph_recording,
                                                .fused_norm = nolabel::fused_norm_of_gpu(),
                                                .make_nccl_engine = nolabel::make_nccl_engine};
  return &functions;
}
