// Tensors by name, as networks and files of weights have them.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

namespace nolabel {

struct NamedTensor {
  std::string name;
  at::Tensor tensor;
};
using StateDict = std::vector<NamedTensor>;  // in the order of PyTorch's state_dict()

// Null where there is no such name.
const at::Tensor* find_tensor(const StateDict& state, std::string_view name);

}  // namespace nolabel
