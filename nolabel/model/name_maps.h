// Names of parameters in other programs' files, as ours. Private to model.
#pragma once

#include "nolabel/model/model.h"

namespace nolabel {

// Finds the network however it is nested (weights/nesting.h), under the names of nolabel or of
// another program that an architecture knows: torchvision, timm, lightly. A network under
// `backbone.` keeps the heads beside it; the last layers of MoCo's `encoder_q` become the
// contrastive head; a classifier is dropped. Adds the batch counts that PyTorch before 0.4.1 did
// not write. Where there is no known network, tensors keep their names. `note` tells which of
// several networks was taken (choice_note()).
StateDict with_our_names(const StateDict& state, std::string* note = nullptr);

}  // namespace nolabel
