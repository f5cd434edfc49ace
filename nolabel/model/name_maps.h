// Names of parameters in other programs' files, as ours. Private to model.
#pragma once

#include "nolabel/model/model.h"

namespace nolabel {

// Strips `module.`; takes MoCo's `encoder_q` (its last layers become the contrastive head) and bare
// weights under the names of torchvision, timm or another program that an architecture knows (a
// classifier is dropped), also inside `encoder.` and the like; adds the batch counts that PyTorch
// before 0.4.1 did not write. Tensors it knows nothing of keep their names.
StateDict with_our_names(const StateDict& state);

}  // namespace nolabel
