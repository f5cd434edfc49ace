#include "nolabel/model/backbone_layout.h"

#include <array>
#include <utility>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

struct StemLayout {
  int kernel, stride;
  std::optional<Pooling> pooling;
};

StemLayout stem_layout(const BackboneSettings& settings) {
  switch (settings.stem) {
    case Stem::cifar:
      return {3, settings.stem_stride, std::nullopt};
    case Stem::stl:
      return {3, 1, Pooling{2, 2, 1}};
    case Stem::imagenet:
      return {7, 2, Pooling{3, 2, 1}};
    case Stem::automatic:
      break;
  }
  fail_usage("stem must be chosen before the model is made. Received auto.");
}

// One convolution inside a block.
struct BlockUnit {
  int kernel;
  int widening;       // output channels, in multiples of the group's width
  bool takes_stride;  // in the first block of a group
};

std::vector<BlockUnit> block_units(BackboneKind kind) {
  if (kind == BackboneKind::resnet18) return {{3, 1, true}, {3, 1, false}};
  return {{1, 1, false}, {3, 1, true}, {1, 4, false}};
}

std::array<int, 4> blocks_per_group(BackboneKind kind) {
  if (kind == BackboneKind::resnet18) return {2, 2, 2, 2};
  return {3, 4, 6, 3};
}

// Appends the block's units to `layout`; `channels` goes from its input's to its output's.
void add_block(BackboneLayout& layout, const BackboneSettings& settings, const std::string& name,
               int width, int stride, int& channels) {
  const int block_input = channels;
  ResidualBlock block;
  const auto add = [&](ConvUnit unit) {
    layout.units.push_back(std::move(unit));
    return static_cast<int>(layout.units.size()) - 1;
  };
  for (const BlockUnit& unit : block_units(settings.kind)) {
    const std::string number = std::to_string(block.path.size() + 1);
    block.path.push_back(add({name + ".conv" + number, name + ".bn" + number, channels,
                              width * unit.widening, unit.kernel, unit.takes_stride ? stride : 1}));
    channels = width * unit.widening;
  }
  if (stride != 1 || block_input != channels) {
    const std::string shortcut = name + "." + shortcut_name(settings.stem);
    block.shortcut = add({shortcut + ".0", shortcut + ".1", block_input, channels, 1, stride});
  }
  layout.blocks.push_back(std::move(block));
}

}  // namespace

BackboneLayout backbone_layout(const BackboneSettings& settings) {
  if (settings.kind == BackboneKind::identity) return {};
  // oneDNN's AVX2 kernels write beyond the weights of narrower 1x1 convolutions (seen with
  // LibTorch 2.11, width 4).
  if (settings.width < 8 || settings.width > max_backbone_width || settings.width % 8 != 0) {
    fail_usage("width must be a multiple of 8 in 8..{}. Received {}.", max_backbone_width,
               settings.width);
  }
  const StemLayout stem = stem_layout(settings);
  BackboneLayout layout;
  layout.stem_pooling = stem.pooling;
  layout.units.push_back(
      {"backbone.conv1", "backbone.bn1", 3, settings.width, stem.kernel, stem.stride});

  int channels = settings.width;
  const std::array<int, 4> blocks = blocks_per_group(settings.kind);
  for (int group = 0; group < 4; ++group) {
    for (int i = 0; i < blocks[group]; ++i) {
      const std::string name = format("backbone.layer{}.{}", group + 1, i);
      const int stride = group > 0 && i == 0 ? 2 : 1;
      add_block(layout, settings, name, settings.width << group, stride, channels);
    }
  }
  return layout;
}

std::string shortcut_name(Stem stem) {
  return stem == Stem::imagenet ? "downsample" : "shortcut";
}

std::string describe(const BackboneSettings& settings) {
  static constexpr const char* stems[] = {"cifar", "stl", "imagenet", "auto"};
  if (settings.kind == BackboneKind::identity) return format("features of {}", settings.width);
  return format("{} ({} stem, width {})",
                settings.kind == BackboneKind::resnet18 ? "resnet18" : "resnet50",
                stems[static_cast<int>(settings.stem)], settings.width);
}

}  // namespace nolabel
