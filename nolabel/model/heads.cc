#include "nolabel/model/heads.h"

#include "nolabel/base/error.h"

namespace nolabel {

std::vector<LinearLayer> head_layers(const ModelSettings& settings, int64_t features) {
  if (settings.kind == ModelSettings::Kind::contrastive) {
    const int64_t embedding = settings.embedding_dimensions;
    if (settings.head == HeadKind::linear) {
      return {{"contrastive_head", features, embedding, ComputedIn::master_type}};
    }
    return {{"contrastive_head.0", features, features, ComputedIn::working_type},
            {"contrastive_head.2", features, embedding, ComputedIn::master_type}};
  }
  std::vector<LinearLayer> layers;
  for (int head = 0; head < settings.heads; ++head) {
    layers.push_back(
        {format("cluster_head.{}", head), features, settings.clusters, ComputedIn::master_type});
  }
  return layers;
}

}  // namespace nolabel
