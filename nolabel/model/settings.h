// The model's settings and what `stem: auto` means.
#pragma once

#include "nolabel/config/schema.h"
#include "nolabel/model/model.h"

namespace nolabel {

// Of a contrastive model: backbone, stem, width, stem_stride, model_kwargs.{head, features_dim}.
// The cluster heads of a clustering model are settings of its stage. The default stem becomes
// `automatic`, which choose_stem() settles when the images are known.
void declare(Schema& schema, ModelSettings& settings);

// Images below this are too small for a stem that pools.
constexpr int smallest_pooled_image = 64;
// Images from here on are treated as ImageNet's: half way between STL-10's 96 and its 224 pixels.
constexpr int smallest_imagenet_image = 160;

// `wanted`, or for `automatic` the stem for images of this size: cifar below 64 px; above, resnet18
// has stl's below 160 px and ImageNet's from there on, resnet50 always ImageNet's.
Stem choose_stem(Stem wanted, BackboneKind kind, int image_size);

}  // namespace nolabel
