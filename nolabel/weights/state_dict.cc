#include "nolabel/weights/state_dict.h"

#include <algorithm>

namespace nolabel {

const at::Tensor* find_tensor(const StateDict& state, std::string_view name) {
  const auto found = std::ranges::find(state, name, &NamedTensor::name);
  return found == state.end() ? nullptr : &found->tensor;
}

}  // namespace nolabel
