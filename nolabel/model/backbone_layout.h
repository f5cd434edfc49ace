// What a ResNet is made of, as data: the forward pass, the initialisation and the recognition of
// files all read this one description. Private to model.
//
// A unit is a convolution without bias and the batch norm after it. Units are numbered in
// PyTorch's order of parameters; unit u owns parameters 3u (convolution), 3u+1 and 3u+2 (batch
// norm's weight and bias) and buffers 3u (running mean), 3u+1 (running variance), 3u+2 (count).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nolabel/model/model.h"

namespace nolabel {

struct ConvUnit {
  std::string convolution, norm;  // "backbone.layer1.0.conv1", "backbone.layer1.0.bn1"
  int in_channels, out_channels, kernel, stride;
  int padding() const { return kernel / 2; }
};

// out = ReLU(path(x) + shortcut(x)); ReLU between the units of the path. Numbers of units.
struct ResidualBlock {
  std::vector<int> path;
  std::optional<int> shortcut;  // without: x itself
};

struct Pooling {
  int kernel, stride, padding;
};

struct BackboneLayout {
  std::vector<ConvUnit> units;  // the stem is unit 0
  std::optional<Pooling> stem_pooling;
  std::vector<ResidualBlock> blocks;
};

// Error(Fault::usage) when the stem is still to be chosen or the width is out of range.
BackboneLayout backbone_layout(const BackboneSettings& settings);

// "shortcut" in the stems for small images, "downsample" in ImageNet's.
std::string shortcut_name(Stem stem);

// "resnet18 (cifar stem, width 64)"
std::string describe(const BackboneSettings& settings);

}  // namespace nolabel
