// The tensors of a network in a file, wherever its checkpoint keeps them.
#pragma once

#include <array>
#include <string>

#include "nolabel/weights/state_dict.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {

// Where checkpoints keep the weights: SCAN, MoCo and torchvision, tutorials.
inline constexpr std::array state_keys = {"model", "state_dict", "model_state_dict"};

// The tensors by name: those of 'model', 'state_dict' or 'model_state_dict', whichever has some
// first, otherwise those of the whole file. A tensor in a dict in a dict is named "outer.inner".
// The state of an optimizer is left out. Error(Fault::data), naming `file_name`, when there are
// none, or when a tensor is of a kind that nolabel does not read; it says what the file has
// instead.
StateDict weights_in(const Value& value, const std::string& file_name);

}  // namespace nolabel
