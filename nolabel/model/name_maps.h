// Names of parameters in other programs' files, as ours. Private to model.
#pragma once

#include "nolabel/model/model.h"

namespace nolabel {

// Strips `module.`; takes MoCo's `encoder_q` (its `fc` becomes the contrastive head) and
// torchvision's or timm's bare ResNet (its `fc`, a classifier, is dropped), also inside `encoder.`
// and the like; names the shortcuts as the stem wants it; adds the batch counts that PyTorch before
// 0.4.1 did not write. Tensors it knows nothing of keep their names.
StateDict with_our_names(const StateDict& state);

}  // namespace nolabel
