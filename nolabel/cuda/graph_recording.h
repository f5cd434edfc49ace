// A recording by CUDA's graphs (gpu/recording.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "nolabel/gpu/recording.h"

namespace nolabel {

std::unique_ptr<Recording> make_graph_recording(at::Device device);

}  // namespace nolabel
