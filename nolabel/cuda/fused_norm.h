// gpu/fused_norm.h by our own kernels (norm_kernels.h).
#pragma once

#include "nolabel/gpu/fused_norm.h"

namespace nolabel {

FusedNorm fused_norm_of_gpu();

}  // namespace nolabel
