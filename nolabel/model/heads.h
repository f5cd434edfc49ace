// The linear layers behind the backbone, as data. Private to model.
#pragma once

#include <string>
#include <vector>

#include "nolabel/model/model.h"
#include "nolabel/model/parameters.h"

namespace nolabel {

struct LinearLayer {
  std::string name;  // "contrastive_head.0", "cluster_head.3"
  int64_t in, out;
  ComputedIn computed_in;  // the last layer before embeddings or logits is in the masters' type
};

// Behind features of this width, in PyTorch's order. ReLU stands between the two layers of an mlp
// head; cluster heads stand side by side.
std::vector<LinearLayer> head_layers(const ModelSettings& settings, int64_t features);

}  // namespace nolabel
