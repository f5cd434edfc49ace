// ResNet-18, 34, 50, 101 and 152 (He et al. 2016), with the stems that SCAN's published program has
// for small images.
#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/model/conv_units.h"

namespace nolabel {
namespace {

struct Depth {
  const char* name;
  bool has_bottlenecks;
  std::array<int, 4> blocks;  // of each group
};
constexpr std::array depths{
    Depth{"resnet18", false, {2, 2, 2, 2}}, Depth{"resnet34", false, {3, 4, 6, 3}},
    Depth{"resnet50", true, {3, 4, 6, 3}}, Depth{"resnet101", true, {3, 4, 23, 3}},
    Depth{"resnet152", true, {3, 8, 36, 3}}};
// oneDNN's AVX2 kernels write beyond the weights of narrower 1x1 convolutions (seen with LibTorch
// 2.11, width 4).
constexpr int min_width = 8, max_width = 1024;
constexpr BatchNorm resnet_norm{.momentum = 0.1, .epsilon = 1e-5};

// Images below this are too small for a stem that pools.
constexpr int smallest_pooled_image = 64;
// Images from here on are treated as ImageNet's: half way between STL-10's 96 and its 224 pixels.
constexpr int smallest_imagenet_image = 160;

constexpr std::array imagenet_mean{0.485f, 0.456f, 0.406f};
constexpr std::array imagenet_std{0.229f, 0.224f, 0.225f};
constexpr std::array cifar_mean{0.4914f, 0.4822f, 0.4465f};
constexpr std::array cifar_std{0.2023f, 0.1994f, 0.2010f};

const std::string& stem_of(const BackboneDescription& description) {
  return description.parameters.at("stem");
}

const Depth& depth_of(const BackboneDescription& description) {
  return *std::ranges::find_if(depths, [&description](const Depth& depth) {
    return description.architecture == depth.name;
  });
}

// out = ReLU(path(x) + shortcut(x)); ReLU between the units of the path. Numbers of units.
struct ResidualBlock {
  std::vector<int> path;
  std::optional<int> shortcut;  // without: x itself
};

struct Pooling {
  int kernel, stride, padding;
};

struct ResnetLayout {
  std::vector<ConvUnit> units;  // the stem is unit 0
  std::optional<Pooling> stem_pooling;
  std::vector<ResidualBlock> blocks;
};

struct StemLayout {
  int kernel, stride;
  std::optional<Pooling> pooling;
};

StemLayout stem_layout(const BackboneDescription& description) {
  const std::string& stem = stem_of(description);
  if (stem == "cifar") return {3, number_of(description, "stem_stride"), std::nullopt};
  if (stem == "stl") return {3, 1, Pooling{2, 2, 1}};
  if (stem == "imagenet") return {7, 2, Pooling{3, 2, 1}};
  fail_usage("stem must be chosen before the model is made. Received {}.", stem);
}

// "shortcut" in the stems for small images, "downsample" in ImageNet's.
std::string shortcut_name(bool is_imagenet) {
  return is_imagenet ? "downsample" : "shortcut";
}

// One convolution inside a block.
struct BlockUnit {
  int kernel;
  int widening;       // output channels, in multiples of the group's width
  bool takes_stride;  // in the first block of a group
};

std::vector<BlockUnit> block_units(const BackboneDescription& description) {
  if (!depth_of(description).has_bottlenecks) return {{3, 1, true}, {3, 1, false}};
  return {{1, 1, false}, {3, 1, true}, {1, 4, false}};
}

// Appends the block's units to `layout`; `channels` goes from its input's to its output's.
void add_residual_block(ResnetLayout& layout, const BackboneDescription& description,
                        const std::string& name, int width, int stride, int& channels) {
  const int block_input = channels;
  ResidualBlock block;
  const auto add = [&](ConvUnit unit) {
    layout.units.push_back(std::move(unit));
    return static_cast<int>(layout.units.size()) - 1;
  };
  for (const BlockUnit& unit : block_units(description)) {
    const std::string number = std::to_string(block.path.size() + 1);
    block.path.push_back(add({name + ".conv" + number, name + ".bn" + number, channels,
                              width * unit.widening, unit.kernel, unit.takes_stride ? stride : 1}));
    channels = width * unit.widening;
  }
  if (stride != 1 || block_input != channels) {
    const std::string shortcut =
        name + "." + shortcut_name(/*is_imagenet=*/stem_of(description) == "imagenet");
    block.shortcut = add({shortcut + ".0", shortcut + ".1", block_input, channels, 1, stride});
  }
  layout.blocks.push_back(std::move(block));
}

ResnetLayout resnet_layout(const BackboneDescription& description) {
  const int base = number_of(description, "width");
  if (base % 8 != 0) {
    fail_usage("width must be a multiple of 8 in {}..{}. Received {}.", min_width, max_width, base);
  }
  const StemLayout stem = stem_layout(description);
  ResnetLayout layout;
  layout.stem_pooling = stem.pooling;
  layout.units.push_back({"backbone.conv1", "backbone.bn1", 3, base, stem.kernel, stem.stride});

  int channels = base;
  for (int group = 0; group < 4; ++group) {
    for (int i = 0; i < depth_of(description).blocks[group]; ++i) {
      const std::string name = format("backbone.layer{}.{}", group + 1, i);
      const int stride = group > 0 && i == 0 ? 2 : 1;
      add_residual_block(layout, description, name, base << group, stride, channels);
    }
  }
  return layout;
}

class ResNet : public BackboneNetwork {
 public:
  explicit ResNet(const BackboneDescription& description)
      : layout_(resnet_layout(description)), tensors_(tensors_of(layout_.units)) {}

  int dimensions() const override {
    return layout_.units[layout_.blocks.back().path.back()].out_channels;
  }
  const std::vector<BackboneTensor>& tensors() const override { return tensors_; }

  std::vector<at::Tensor> prepared(const std::vector<NamedTensor>& masters,
                                   const std::vector<NamedTensor>& buffers,
                                   at::ScalarType working_type) const override {
    return folded_units(layout_.units, resnet_norm, masters, buffers, working_type);
  }

  at::Tensor features(const NetworkWeights& weights, const at::Tensor& views,
                      ForwardMode mode) const override {
    const UnitPass pass(layout_.units, resnet_norm, weights, mode);
    at::Tensor x = unit(pass, 0, views, Activation::relu);
    if (layout_.stem_pooling) {
      const Pooling& pooling = *layout_.stem_pooling;
      x = at::max_pool2d(x, pooling.kernel, pooling.stride, pooling.padding);
    }
    for (const ResidualBlock& block : layout_.blocks) x = residual(pass, block, x);
    return pass.pooled(x);
  }

 private:
  static at::Tensor unit(const UnitPass& pass, int u, const at::Tensor& x, Activation activation,
                         const at::Tensor& added = {}) {
    return pass.unit(u, x, pass.shape(u).kernel / 2, activation, added);
  }

  static at::Tensor residual(const UnitPass& pass, const ResidualBlock& block,
                             const at::Tensor& x) {
    const at::Tensor added = block.shortcut ? unit(pass, *block.shortcut, x, Activation::none) : x;
    at::Tensor y = x;
    for (const int u : block.path) {
      y = unit(pass, u, y, Activation::relu, u == block.path.back() ? added : at::Tensor());
    }
    return y;
  }

  const ResnetLayout layout_;
  const std::vector<BackboneTensor> tensors_;
};

// ---- images ---------------------------------------------------------------------------------

// docs/method.md, Views: pictures are kept at 8/7 of the view, as ImageNet's 256 for views of 224;
// at that scale small pictures are enlarged, too.
Preprocessing resnet_preprocessing(const BackboneDescription& description, int image_size) {
  const std::string& stem = stem_of(description);
  if (image_size == 0) image_size = stem == "imagenet" ? 224 : stem == "stl" ? 96 : 32;
  const bool is_cifar = stem == "cifar";
  return {.view_size = image_size,
          .pictures = {.short_side = (image_size * 8 + 6) / 7,
                       .enlarge = image_size >= smallest_imagenet_image,
                       .interpolation = Interpolation::bilinear},
          .mean = is_cifar ? cifar_mean : imagenet_mean,
          .std = is_cifar ? cifar_std : imagenet_std};
}

// The stem for images of this size: cifar below 64 px; above, networks without bottlenecks have
// stl's below 160 px and ImageNet's from there on, the others always ImageNet's.
BackboneDescription settle(BackboneDescription description, int image_size) {
  if (stem_of(description) != "auto") return description;
  const bool wants_stl =
      !depth_of(description).has_bottlenecks && image_size < smallest_imagenet_image;
  description.parameters["stem"] = image_size < smallest_pooled_image ? "cifar"
                                   : wants_stl                        ? "stl"
                                                                      : "imagenet";
  return description;
}

// ---- files ----------------------------------------------------------------------------------

// The stems for 32 and 96 pixels differ only in the pooling, which leaves no trace.
BackboneDescription recognise(const Architecture& architecture, const StateDict& state,
                              int image_size) {
  BackboneDescription description = completed({architecture.name, {}});
  const at::Tensor* stem = find_tensor(state, "backbone.conv1.weight");
  if (stem->dim() != 4) return description;
  description.parameters["width"] = std::to_string(stem->size(0));
  const bool is_imagenet = stem->size(3) == 7;
  description.parameters["stem"] = is_imagenet                          ? "imagenet"
                                   : image_size < smallest_pooled_image ? "cifar"
                                                                        : "stl";
  return description;
}

std::string stem_assumption(const BackboneDescription& description, const Statements& stated) {
  if (stem_of(description) == "imagenet") return "";
  if (stated.contains("stem") || stated.contains("image_size")) return "";
  return "does not say for which size of images it was trained: nolabel assumes 32 pixels, as for "
         "CIFAR. Use --image-size 96 if the backbone was trained on STL-10.";
}

// Heads of pretext tasks that nolabel does not know, beside the network or in `fc`: SwAV's,
// SimSiam's, MoCo v3's.
bool is_of_other_head(std::string_view name) {
  constexpr std::array heads{"projection_head.", "prototypes.", "predictor.", "projector."};
  return std::ranges::any_of(heads, [name](const char* head) { return name.starts_with(head); });
}

// `fc` is a projection head in the encoder of contrastive training and wherever it has two layers;
// otherwise a classifier, or a head with batch norms, which is dropped.
StateDict with_our_resnet_names(const StateDict& bare, bool is_contrastive) {
  const bool has_norms = find_tensor(bare, "fc.1.weight") != nullptr;
  const bool is_head = !has_norms && (is_contrastive || find_tensor(bare, "fc.0.weight"));
  StateDict result;
  for (const auto& [name, tensor] : bare) {
    if (is_of_other_head(name)) continue;
    if (!name.starts_with("fc.")) {
      result.push_back({"backbone." + name, tensor});
    } else if (is_head) {
      result.push_back({"contrastive_head" + name.substr(2), tensor});
    }
  }
  return result;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// A 7×7 stem has `downsample`, a 3×3 stem `shortcut`, whatever the file called them.
void mend_names(StateDict& state) {
  const at::Tensor* stem = find_tensor(state, "backbone.conv1.weight");
  if (!stem || stem->dim() != 4) return;
  const bool is_imagenet = stem->size(3) == 7;
  const std::string right = "." + shortcut_name(is_imagenet) + ".";
  const std::string wrong = "." + shortcut_name(!is_imagenet) + ".";
  for (NamedTensor& entry : state) replace_all(entry.name, wrong, right);
}

std::string describe_resnet(const BackboneDescription& description) {
  return format("{} ({} stem, width {})", description.architecture, stem_of(description),
                description.parameters.at("width"));
}

std::vector<ParameterRule> parameters() {
  return {
      {.name = "stem",
       .help = "first layers: cifar for small images (32 px), stl with a pooling (96 px), "
               "imagenet (224 px); auto goes by the image size",
       .otherwise = "cifar",
       .offered = "auto",
       .choices = {"auto", "cifar", "stl", "imagenet"},
       .leaves_a_trace = false},
      {.name = "width",
       .help = "channels of the backbone's first group; features have 8 (resnet18, resnet34) or "
               "32 times as many",
       .otherwise = "64",
       .low = min_width,
       .high = max_width},
      {.name = "stem_stride",
       .help = "stride of the first convolution in the cifar stem; 2 trains about four times "
               "faster",
       .otherwise = "1",
       .low = 1,
       .high = 2,
       .leaves_a_trace = false}};
}

Architecture resnet(const char* name) {
  return {
      .name = name,
      .parameters = parameters(),
      .namings = {{"conv1.weight", "bn1.weight", "layer1.0.conv1.weight", "layer2.0.conv1.weight",
                   "layer3.0.conv1.weight", "layer4.0.conv1.weight"}},
      .make = [](const BackboneDescription& description) -> std::unique_ptr<const BackboneNetwork> {
        return std::make_unique<ResNet>(description);
      },
      .preprocessing = resnet_preprocessing,
      .describe = describe_resnet,
      .recognise = recognise,
      .settle = settle,
      .assumption = stem_assumption,
      .with_our_names = with_our_resnet_names,
      .mend_names = mend_names};
}

}  // namespace

std::vector<Architecture> resnets() {
  std::vector<Architecture> all;
  for (const Depth& depth : depths) all.push_back(resnet(depth.name));
  return all;
}

}  // namespace nolabel
