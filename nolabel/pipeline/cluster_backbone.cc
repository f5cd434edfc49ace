#include "nolabel/pipeline/cluster_backbone.h"

#include <algorithm>

#include "nolabel/model/settings.h"
#include "nolabel/pipeline/picture_size.h"

namespace nolabel {
namespace {

// A backbone of small views gains by being tuned on larger ones (docs/performance.md).
constexpr int least_tuned_view = 64;
// Views of what is trained from nothing: CIFAR's, or STL-10's.
constexpr int small_view = 32, large_view = 96;

// No image is larger than what is kept for CIFAR's views: they are CIFAR's, or icons.
bool are_small(const Dataset& images) {
  const int limit = picture_size(small_view).short_side;
  for (int64_t i = 0; i < images.size(); ++i) {
    if (std::min(images.height(i), images.width(i)) >= limit) return false;
  }
  return true;
}

// The published ResNet-18 for views of this size, with the normalisation of CIFAR-10, or of STL-10
// and ImageNet.
Backbone from_nothing(int image_size) {
  Backbone backbone;
  backbone.image_size = image_size;
  backbone.settings.stem = choose_stem(Stem::automatic, backbone.settings.kind, image_size);
  if (backbone.settings.stem != Stem::cifar) backbone.normalize = imagenet_normalization();
  backbone.origin = "none: trained here from nothing";
  return backbone;
}

Backbone given_backbone(const ClusterRequest& request) {
  return load_backbone(request.backbone.empty() ? "starter" : request.backbone, request.image_size);
}

}  // namespace

bool begins_from_nothing(const ClusterRequest& request, Effort effort) {
  return effort == Effort::full && request.backbone.empty();
}

Backbone first_backbone(const ClusterRequest& request, Effort effort, const Dataset& images) {
  if (begins_from_nothing(request, effort)) {
    if (request.image_size > 0) return from_nothing(request.image_size);
    return from_nothing(are_small(images) ? small_view : large_view);
  }
  Backbone backbone = given_backbone(request);
  const bool as_it_is = effort != Effort::standard || request.image_size > 0;
  if (as_it_is || are_small(images)) return backbone;
  backbone.image_size = std::max(backbone.image_size, least_tuned_view);
  return backbone;
}

int largest_view(const ClusterRequest& request) {
  if (request.image_size > 0) return request.image_size;
  if (begins_from_nothing(request, request.effort)) return large_view;
  const int trained_on = given_backbone(request).image_size;
  return request.effort == Effort::standard ? std::max(trained_on, least_tuned_view) : trained_on;
}

}  // namespace nolabel
