// How many threads train heads on features that are there already.
#pragma once

#include "nolabel/model/model.h"

namespace nolabel {

// For ComputeThreads: one thread where the heads of `model` train on cached features (`cached`) and
// a step of them is short, else as many as LibTorch takes now. Heads on features are small
// matrices: several threads need longer to meet than one to compute, and on a busy machine far
// longer.
int threads_for_heads(const Model& model, bool cached, int batch_size);

}  // namespace nolabel
