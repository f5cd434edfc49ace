#include "nolabel/model/settings.h"

namespace nolabel {
namespace {

constexpr double most_embedding_dimensions = 65536;

}  // namespace

void declare(Schema& schema, ModelSettings& settings) {
  settings.backbone.stem = Stem::automatic;
  schema.add("backbone", &settings.backbone.kind,
             {{"resnet18", BackboneKind::resnet18}, {"resnet50", BackboneKind::resnet50}},
             "network that turns an image into features");
  schema.add("stem", &settings.backbone.stem,
             {{"auto", Stem::automatic},
              {"cifar", Stem::cifar},
              {"stl", Stem::stl},
              {"imagenet", Stem::imagenet}},
             "first layers: cifar for small images (32 px), stl with a pooling (96 px), imagenet "
             "(224 px); auto goes by the image size");
  schema.add("width", &settings.backbone.width, {.low = 8, .high = max_backbone_width},
             "channels of the backbone's first group; features have 8 (resnet18) or 32 (resnet50) "
             "times as many");
  schema.add("stem_stride", &settings.backbone.stem_stride, {.low = 1, .high = 2},
             "stride of the first convolution in the cifar stem; 2 trains about four times faster");
  const auto group = schema.group("model_kwargs");
  schema.add("head", &settings.head, {{"mlp", HeadKind::mlp}, {"linear", HeadKind::linear}},
             "projection head of contrastive training");
  schema.add("features_dim", &settings.embedding_dimensions,
             {.low = 1, .high = most_embedding_dimensions},
             "dimensions of the embedding behind the projection head");
}

Stem choose_stem(Stem wanted, BackboneKind kind, int image_size) {
  if (wanted != Stem::automatic) return wanted;
  if (image_size < smallest_pooled_image) return Stem::cifar;
  const bool wants_stl = kind == BackboneKind::resnet18 && image_size < smallest_imagenet_image;
  return wants_stl ? Stem::stl : Stem::imagenet;
}

}  // namespace nolabel
