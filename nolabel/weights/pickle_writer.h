// Writes values as a Python pickle that torch.load(weights_only=True) accepts. Private to weights.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "nolabel/weights/weights_file.h"

namespace nolabel {

struct Pickled {
  std::string bytes;                 // protocol 2
  std::vector<at::Tensor> storages;  // storage "i" is the memory of the i-th, dense, on the CPU
};

// Error(Fault::usage) for a tensor whose type files of weights cannot hold.
Pickled pickled(const Value& value);

}  // namespace nolabel
