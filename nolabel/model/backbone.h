// The forward pass of a ResNet: views [B,3,S,S] to features [B,D]. Private to model.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "nolabel/model/backbone_layout.h"
#include "nolabel/model/model.h"

namespace nolabel {

// leaves, buffers: at least the layout's, numbered as backbone_layout.h says. views must have the
// type of the convolutions' weights and be channels-last. Features have the type of batch norm's
// weights (the masters'). In BatchNormMode::train the buffers are updated.
at::Tensor backbone_features(const BackboneLayout& layout, const std::vector<at::Tensor>& leaves,
                             const std::vector<NamedTensor>& buffers, const at::Tensor& views,
                             BatchNormMode mode);

}  // namespace nolabel
