#include <ATen/ATen.h>

#include <algorithm>
#include <unordered_map>

#include "nolabel/base/error.h"
#include "nolabel/model/backbone_layout.h"
#include "nolabel/model/model.h"
#include "nolabel/model/settings.h"

namespace nolabel {
namespace {

using Convolutions = std::unordered_map<std::string, at::IntArrayRef>;  // shapes by name

// Four-dimensional weights of the backbone, without ".weight".
Convolutions backbone_convolutions(const StateDict& state) {
  constexpr std::string_view suffix = ".weight";
  Convolutions convolutions;
  for (const auto& [name, tensor] : state) {
    if (!name.starts_with("backbone.") || !name.ends_with(suffix) || tensor.dim() != 4) continue;
    convolutions[name.substr(0, name.size() - suffix.size())] = tensor.sizes();
  }
  return convolutions;
}

bool fits(const BackboneLayout& layout, const Convolutions& convolutions) {
  return convolutions.size() == layout.units.size() &&
         std::ranges::all_of(layout.units, [&](const ConvUnit& unit) {
           const auto found = convolutions.find(unit.convolution);
           const std::vector<int64_t> shape = {unit.out_channels, unit.in_channels, unit.kernel,
                                               unit.kernel};
           return found != convolutions.end() && found->second == at::IntArrayRef(shape);
         });
}

}  // namespace

BackboneSettings recognise_backbone(const StateDict& state, int image_size) {
  const Convolutions convolutions = backbone_convolutions(state);
  const auto stem = convolutions.find("backbone.conv1");
  if (stem == convolutions.end()) {
    fail_usage(
        "weights must hold a ResNet backbone. There is no backbone.conv1.weight among them.");
  }
  BackboneSettings settings;
  const bool has_bottlenecks = convolutions.contains("backbone.layer1.0.conv3");
  settings.kind = has_bottlenecks ? BackboneKind::resnet50 : BackboneKind::resnet18;
  if (stem->second[3] == 7) {
    settings.stem = Stem::imagenet;
  } else {
    settings.stem = image_size < smallest_pooled_image ? Stem::cifar : Stem::stl;
  }
  const int64_t width = stem->second[0];
  if (width < 1 || width > max_backbone_width) {
    fail_usage("the backbone's width must be 1..{}. The weights have {}.", max_backbone_width,
               width);
  }
  settings.width = static_cast<int>(width);
  if (!fits(backbone_layout(settings), convolutions)) {
    fail_usage(
        "weights must be those of a resnet18 or resnet50. They begin like a {}, but some "
        "convolutions are missing, unexpected or of another shape.",
        describe(settings));
  }
  return settings;
}

}  // namespace nolabel
