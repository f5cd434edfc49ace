// Errors as tests compare them.
#pragma once

#include <string>

#include "nolabel/base/error.h"

namespace nolabel {

// What the call throws, "usage: …" or "data: …"; empty when it throws nothing.
template <class Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string(error.fault() == Fault::usage ? "usage: " : "data: ") + error.what();
  }
  return "";
}

}  // namespace nolabel
