// Private to the tests of this folder.
#pragma once

#include <string>
#include <vector>

#include "nolabel/weights/state_dict.h"

namespace nolabel {

inline std::vector<std::string> names_of(const StateDict& state) {
  std::vector<std::string> names;
  for (const NamedTensor& entry : state) names.push_back(entry.name);
  return names;
}

}  // namespace nolabel
