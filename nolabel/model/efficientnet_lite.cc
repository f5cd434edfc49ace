// EfficientNet-Lite 0 to 4 (Tan and Le 2019; Google's Lite variants of 2020): EfficientNet without
// squeeze-and-excitation, with ReLU6, and with the stem, the head and the depth of the first and
// last stage the same at every scale. Names are those of the PyTorch port on PyPI.
//
// Convolutions pad as TensorFlow's SAME does. Drop connect is left out: it belongs to training with
// labels from scratch, and a random depth would differ between the two passes of a training step
// (train/step.cc), which must see the same network.
#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include "nolabel/base/error.h"
#include "nolabel/model/conv_units.h"

namespace nolabel {
namespace {

// TensorFlow's momentum .99 is PyTorch's .01.
constexpr BatchNorm lite_norm{.momentum = 0.01, .epsilon = 1e-3};

struct Scale {
  double width, depth;
  int image_size;
};
constexpr std::array scales{Scale{1.0, 1.0, 224}, Scale{1.0, 1.1, 240}, Scale{1.1, 1.2, 260},
                            Scale{1.2, 1.4, 280}, Scale{1.4, 1.8, 300}};

struct Stage {
  int repeats, kernel, stride, expansion, channels;
};
constexpr std::array stages{Stage{1, 3, 1, 1, 16}, Stage{2, 3, 2, 6, 24},  Stage{2, 5, 2, 6, 40},
                            Stage{3, 3, 2, 6, 80}, Stage{3, 5, 1, 6, 112}, Stage{4, 5, 2, 6, 192},
                            Stage{1, 3, 1, 6, 320}};
constexpr int stem_channels = 32, head_channels = 1280;
// Between the view and the short side that a picture is resized to before the crop.
constexpr int crop_padding = 32;

const Scale& scale_of(const BackboneDescription& description) {
  return scales[description.architecture.back() - '0'];
}

// A multiple of 8, and no less than nine tenths of what the scale asks for.
int scaled_channels(int channels, double width) {
  const double wanted = channels * width;
  const int rounded = std::max(8, static_cast<int>(wanted + 4) / 8 * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}

int scaled_repeats(size_t stage, double depth) {
  const int repeats = stages[stage].repeats;
  if (stage == 0 || stage + 1 == stages.size()) return repeats;
  return static_cast<int>(std::ceil(depth * repeats));
}

// Numbers of units; ReLU6 after each but the last.
struct InvertedResidual {
  std::vector<int> path;
  bool adds_input;
};

struct LiteLayout {
  std::vector<ConvUnit> units;  // the stem first, the head last
  std::vector<InvertedResidual> blocks;
};

void add_inverted_block(LiteLayout& layout, const Stage& stage, int stride, int in, int out) {
  const std::string name = format("backbone._blocks.{}.", int64_t(layout.blocks.size()));
  InvertedResidual block{.path = {}, .adds_input = stride == 1 && in == out};
  const auto add = [&](ConvUnit unit) {
    block.path.push_back(static_cast<int>(layout.units.size()));
    layout.units.push_back(std::move(unit));
  };
  const int inner = in * stage.expansion;
  if (stage.expansion != 1) add({name + "_expand_conv", name + "_bn0", in, inner, 1, 1});
  add({name + "_depthwise_conv", name + "_bn1", inner, inner, stage.kernel, stride, inner});
  add({name + "_project_conv", name + "_bn2", inner, out, 1, 1});
  layout.blocks.push_back(std::move(block));
}

// In bf16 and fp16. The first depthwise convolution finds edges: large inputs cancel out there, and
// what remains is mostly the rounding of its input, the stem's output, and of its nine weights. So
// the stem and this unit are computed in fp32. Of the other units, the rounding of depthwise
// weights costs most, the second block's by far: these keep their sums. On 200 photos, the least
// cosine of features in bf16 and fp32 is 0.9958 without both, 0.9983 with the first, and 0.9996.
constexpr int precise_units = 2;

LiteLayout lite_layout(const Scale& scale) {
  LiteLayout layout;
  layout.units.push_back({"backbone._conv_stem", "backbone._bn0", 3, stem_channels, 3, 2});
  int in = stem_channels;
  for (size_t s = 0; s < stages.size(); ++s) {
    const int out = scaled_channels(stages[s].channels, scale.width);
    for (int i = 0; i < scaled_repeats(s, scale.depth); ++i) {
      add_inverted_block(layout, stages[s], i == 0 ? stages[s].stride : 1, in, out);
      in = out;
    }
  }
  layout.units.push_back({"backbone._conv_head", "backbone._bn1", in, head_channels, 1, 1});
  for (ConvUnit& unit : layout.units) {
    if (unit.groups > 1) unit.computed_in = ComputedIn::working_type_keeping_sums;
  }
  for (int u = 0; u < precise_units; ++u) layout.units[u].computed_in = ComputedIn::master_type;
  return layout;
}

// TensorFlow's SAME: as many zeros as make the output ceil(size / stride) long.
int same_padding(int64_t size, int kernel, int stride) {
  const int64_t out = (size + stride - 1) / stride;
  return static_cast<int>(std::max<int64_t>(0, (out - 1) * stride + kernel - size));
}

// An odd row is added below, an odd column to the right.
at::Tensor same_unit(const UnitPass& pass, int u, const at::Tensor& x, Activation activation,
                     const at::Tensor& added = {}) {
  const ConvUnit& unit = pass.shape(u);
  const int rows = same_padding(x.size(2), unit.kernel, unit.stride);
  const int columns = same_padding(x.size(3), unit.kernel, unit.stride);
  if (rows == columns && rows % 2 == 0) return pass.unit(u, x, rows / 2, activation, added);
  return pass.unit(
      u, at::constant_pad_nd(x, {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2}), 0,
      activation, added);
}

class EfficientNetLite : public BackboneNetwork {
 public:
  explicit EfficientNetLite(const Scale& scale)
      : layout_(lite_layout(scale)), tensors_(tensors_of(layout_.units)) {}

  int dimensions() const override { return head_channels; }
  const std::vector<BackboneTensor>& tensors() const override { return tensors_; }

  std::vector<at::Tensor> prepared(const std::vector<NamedTensor>& masters,
                                   const std::vector<NamedTensor>& buffers,
                                   at::ScalarType working_type) const override {
    return folded_units(layout_.units, lite_norm, masters, buffers, working_type);
  }

  at::Tensor features(const NetworkWeights& weights, const at::Tensor& views,
                      ForwardMode mode) const override {
    const UnitPass pass(layout_.units, lite_norm, weights, mode);
    at::Tensor x = same_unit(pass, 0, views, Activation::relu6);
    for (const InvertedResidual& block : layout_.blocks) {
      at::Tensor y = x;
      for (const int u : block.path) {
        const bool is_last = u == block.path.back();
        y = same_unit(pass, u, y, is_last ? Activation::none : Activation::relu6,
                      is_last && block.adds_input ? x : at::Tensor());
      }
      x = y;
    }
    const int head = static_cast<int>(layout_.units.size()) - 1;
    return pass.pooled(same_unit(pass, head, x, Activation::relu6));
  }

 private:
  const LiteLayout layout_;
  const std::vector<BackboneTensor> tensors_;
};

// Levels in 0..255 become (level - 127) / 128.
Preprocessing lite_preprocessing(const BackboneDescription& description, int image_size) {
  if (image_size == 0) image_size = scale_of(description).image_size;
  constexpr float mean = 127.0f / 255, std = 128.0f / 255;
  return {.view_size = image_size,
          .pictures = {.short_side = image_size + crop_padding,
                       .enlarge = true,
                       .interpolation = Interpolation::bicubic},
          .mean = {mean, mean, mean},
          .std = {std, std, std}};
}

// ---- files ----------------------------------------------------------------------------------

// timm's names: conv_stem and bn1, blocks.STAGE.I.{conv_pw, bn1, conv_dw, bn2, conv_pwl, bn3}
// (without expansion conv_dw, bn1, conv_pw, bn2), conv_head and bn2, classifier.
struct Renamed {
  std::string_view from, to;
};
constexpr std::array outside_blocks{Renamed{"conv_stem.", "_conv_stem."}, Renamed{"bn1.", "_bn0."},
                                    Renamed{"conv_head.", "_conv_head."}, Renamed{"bn2.", "_bn1."}};
constexpr std::array with_expansion{
    Renamed{"conv_pw.", "_expand_conv."},    Renamed{"bn1.", "_bn0."},
    Renamed{"conv_dw.", "_depthwise_conv."}, Renamed{"bn2.", "_bn1."},
    Renamed{"conv_pwl.", "_project_conv."},  Renamed{"bn3.", "_bn2."}};
constexpr std::array without_expansion{
    Renamed{"conv_dw.", "_depthwise_conv."}, Renamed{"bn1.", "_bn1."},
    Renamed{"conv_pw.", "_project_conv."}, Renamed{"bn2.", "_bn2."}};

template <size_t N>
std::optional<std::string> renamed(std::string_view name, const std::array<Renamed, N>& table) {
  for (const auto& [from, to] : table) {
    if (name.starts_with(from)) return std::string(to) + std::string(name.substr(from.size()));
  }
  return std::nullopt;
}

// "STAGE.I" of "blocks.STAGE.I.conv_pw.weight".
std::string place_of_block(const std::string& name) {
  const size_t begin = name.find('.') + 1;
  return name.substr(begin, name.find('.', name.find('.', begin) + 1) - begin);
}

StateDict of_timm(const StateDict& bare) {
  std::set<std::string> places;  // of one digit each, whatever the order of the file
  for (const NamedTensor& entry : bare) {
    if (entry.name.starts_with("blocks.")) places.insert(place_of_block(entry.name));
  }
  StateDict result;
  for (const auto& [name, tensor] : bare) {
    if (name.starts_with("classifier.")) continue;
    std::optional<std::string> ours = renamed(name, outside_blocks);
    if (name.starts_with("blocks.")) {
      const std::string place = place_of_block(name);
      const std::string_view inner =
          std::string_view(name).substr(std::min(name.size(), place.size() + 8));
      ours = place.starts_with("0.") ? renamed(inner, without_expansion)
                                     : renamed(inner, with_expansion);
      const int64_t number = std::distance(places.begin(), places.find(place));
      if (ours) ours = format("_blocks.{}.", number) + *ours;
    }
    result.push_back({"backbone." + ours.value_or(name), tensor});
  }
  return result;
}

StateDict with_our_lite_names(const StateDict& bare, bool) {
  if (find_tensor(bare, "conv_stem.weight")) {
    return of_timm(bare);
  }
  StateDict result;
  for (const auto& [name, tensor] : bare) {
    if (!name.starts_with("_fc.")) result.push_back({"backbone." + name, tensor});
  }
  return result;
}

Architecture efficientnet_lite(size_t number) {
  return {
      .name = format("efficientnet-lite{}", number),
      .namings = {{"_conv_stem.weight", "_bn0.weight", "_blocks.0._depthwise_conv.weight",
                   "_conv_head.weight", "_bn1.weight"},
                  {"conv_stem.weight", "bn1.weight", "blocks.0.0.conv_dw.weight",
                   "conv_head.weight", "bn2.weight"}},
      .make = [](const BackboneDescription& description) -> std::unique_ptr<const BackboneNetwork> {
        return std::make_unique<EfficientNetLite>(scale_of(description));
      },
      .preprocessing = lite_preprocessing,
      .describe = [](const BackboneDescription& description) { return description.architecture; },
      .with_our_names = with_our_lite_names};
}

}  // namespace

std::vector<Architecture> efficientnets_lite() {
  std::vector<Architecture> all;
  for (size_t number = 0; number < scales.size(); ++number)
    all.push_back(efficientnet_lite(number));
  return all;
}

}  // namespace nolabel
