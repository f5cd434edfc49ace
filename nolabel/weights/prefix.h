// Names of weights with a prefix, as PyTorch's DataParallel has them ("module.").
#pragma once

#include <string>

#include "nolabel/weights/weights_file.h"

namespace nolabel {

// `state` with `prefix` before every name that does not have it.
StateDict with_prefix(StateDict state, const std::string& prefix);

// The same file with `prefix` before every name of its weights: of 'model' or 'state_dict', or of
// the whole when it is a bare state dict. Everything else (optimizer, epoch, head) stays as it is.
// Throws Error(Fault::data), naming `file_name`, when there are no such weights.
Value with_prefix(const Value& file, const std::string& prefix, const std::string& file_name);

}  // namespace nolabel
