#include "nolabel/model/vit_layout.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <string>

#include "nolabel/base/error.h"
#include "nolabel/model/initialise.h"
#include "nolabel/model/vit_parameters.h"

namespace nolabel {
namespace {

// Of tokens and positions: uniform in ±0.02.
constexpr int64_t token_fan_in = 2500;

bool is_on(const BackboneDescription& description, const char* parameter) {
  return description.parameters.at(parameter) == vit::yes;
}

// Networks whose heads are not 64 wide, by their width: SigLIP's So400m, ViT-H, and OpenCLIP's g
// and G.
struct KnownHeads {
  int width, heads;
};
constexpr std::array known_heads{KnownHeads{1152, 16}, KnownHeads{1280, 16}, KnownHeads{1408, 16},
                                 KnownHeads{1664, 16}};

int heads_of(int stated, int width) {
  if (stated != 0) return stated;
  const auto known = std::ranges::find(known_heads, width, &KnownHeads::width);
  if (known != known_heads.end()) return known->heads;
  return std::max(1, width / 64);
}

// The place of a stated value after `auto`; nothing: it is `auto`.
template <class Value, size_t N>
std::optional<Value> stated(const std::array<const char*, N>& names, const std::string& name) {
  const auto place = std::ranges::find(names, name) - names.begin();
  if (place == 0) return std::nullopt;
  return static_cast<Value>(place - 1);
}

VitActivation usual_activation(const VitShape& shape) {
  if (shape.has_attention_pool) return VitActivation::gelu_tanh;
  return shape.is_pre_norm ? VitActivation::quick_gelu : VitActivation::gelu;
}

VitPooling usual_pooling(const VitShape& shape) {
  if (shape.has_attention_pool) return VitPooling::attention;
  const bool has_mean = !shape.has_class_token || shape.norm_after_pooling;
  return has_mean ? VitPooling::mean : VitPooling::class_token;
}

void check_vit(const VitShape& shape) {
  if (shape.width % shape.heads != 0) {
    fail_usage("heads of vit must divide its width, {}. Received {}.", shape.width, shape.heads);
  }
  const bool takes_class =
      shape.pooling == VitPooling::class_token || shape.pooling == VitPooling::both;
  if (takes_class && !shape.has_class_token) {
    fail_usage("pool of vit must be mean or attention, because the network has no class token.");
  }
  if (shape.pooling == VitPooling::attention && !shape.has_attention_pool) {
    fail_usage(
        "pool of vit must be class, mean or both, because the network pools without "
        "attention.");
  }
}

}  // namespace

VitShape vit_shape(const BackboneDescription& description) {
  const auto number = [&](const char* name) { return number_of(description, name); };
  const auto text = [&](const char* name) { return description.parameters.at(name); };
  const int width = number(vit::width);
  VitShape shape{.width = width,
                 .depth = number(vit::depth),
                 .heads = heads_of(number(vit::heads), width),
                 .patch = number(vit::patch),
                 .hidden = number(vit::hidden),
                 .registers = number(vit::registers),
                 .grid = number(vit::grid),
                 .has_class_token = text(vit::class_token) != vit::no,
                 .has_class_position = text(vit::class_token) == vit::with_position,
                 .has_patch_bias = is_on(description, vit::patch_bias),
                 .has_layer_scale = is_on(description, vit::layer_scale),
                 .is_pre_norm = is_on(description, vit::pre_norm),
                 .is_gated = is_on(description, vit::gated),
                 .norm_after_pooling = is_on(description, vit::norm_after_pooling),
                 .has_attention_pool = is_on(description, vit::attention_pool),
                 .has_qkv_bias = is_on(description, vit::qkv_bias)};
  shape.activation = stated<VitActivation>(vit::activations, text(vit::activation))
                         .value_or(usual_activation(shape));
  shape.pooling = stated<VitPooling>(vit::pools, text(vit::pool)).value_or(usual_pooling(shape));
  const std::string epsilon = text(vit::epsilon);
  shape.epsilon = epsilon != vit::automatic ? std::stod(epsilon) : shape.is_pre_norm ? 1e-5 : 1e-6;
  check_vit(shape);
  return shape;
}

int VitLayout::add(const std::string& name, std::vector<int64_t> shape, ComputedIn computed_in,
                   int64_t fan_in) {
  tensors.push_back({.name = "backbone." + name,
                     .shape = shape,
                     .computed_in = computed_in,
                     .initial = [shape, fan_in](uint64_t seed, uint32_t number) {
                       return initial_linear(shape, fan_in, seed, number);
                     }});
  return static_cast<int>(tensors.size()) - 1;
}

int VitLayout::add_constant(const std::string& name, int64_t size, double value,
                            ComputedIn computed_in) {
  tensors.push_back({.name = "backbone." + name,
                     .shape = {size},
                     .computed_in = computed_in,
                     .initial = [size, value](uint64_t, uint32_t) {
                       return at::full({size}, value, at::kFloat);
                     }});
  return static_cast<int>(tensors.size()) - 1;
}

VitPair VitLayout::add_linear(const std::string& name, int64_t in, int64_t out, bool has_bias) {
  const int weight = add(name + ".weight", {out, in}, ComputedIn::working_type, in);
  if (!has_bias) return {weight};
  return {weight, add(name + ".bias", {out}, ComputedIn::working_type, in)};
}

VitPair VitLayout::add_norm(const std::string& name, int64_t width, ComputedIn computed_in) {
  const int weight = add_constant(name + ".weight", width, 1, computed_in);
  return {weight, add_constant(name + ".bias", width, 0, computed_in)};
}

VitMlp VitLayout::add_mlp(const std::string& name, const VitShape& shape, bool is_gated) {
  const VitPair first =
      add_linear(name + ".fc1", shape.width, is_gated ? 2 * shape.hidden : shape.hidden);
  return {first, add_linear(name + ".fc2", shape.hidden, shape.width)};
}

VitBlock VitLayout::add_block(const std::string& name, const VitShape& shape) {
  constexpr auto working = ComputedIn::working_type;
  VitBlock block;
  block.norm1 = add_norm(name + ".norm1", shape.width, working);
  block.qkv = add_linear(name + ".attn.qkv", shape.width, 3 * shape.width, shape.has_qkv_bias);
  block.projection = add_linear(name + ".attn.proj", shape.width, shape.width);
  if (shape.has_layer_scale) {
    block.scale1 = add_constant(name + ".ls1.gamma", shape.width, 1, working);
  }
  block.norm2 = add_norm(name + ".norm2", shape.width, working);
  block.mlp = add_mlp(name + ".mlp", shape, shape.is_gated);
  if (shape.has_layer_scale) {
    block.scale2 = add_constant(name + ".ls2.gamma", shape.width, 1, working);
  }
  return block;
}

// Tokens, positions and what follows the last block are computed in the masters' type: they are few
// values, and the features are made of them.
VitLayout::VitLayout(const VitShape& shape) {
  constexpr auto master = ComputedIn::master_type;
  const int64_t width = shape.width;
  const int64_t positions_learned =
      int64_t(shape.grid) * shape.grid + (shape.has_class_position ? 1 : 0);
  if (shape.has_class_token) class_token = add("cls_token", {1, 1, width}, master, token_fan_in);
  if (shape.registers > 0) {
    registers = add("reg_token", {1, shape.registers, width}, master, token_fan_in);
  }
  positions = add("pos_embed", {1, positions_learned, width}, master, token_fan_in);
  const int64_t inputs = 3LL * shape.patch * shape.patch;
  patches.weight = add("patch_embed.proj.weight", {width, 3, shape.patch, shape.patch},
                       ComputedIn::working_type, inputs);
  if (shape.has_patch_bias) {
    patches.bias = add("patch_embed.proj.bias", {width}, ComputedIn::working_type, inputs);
  }
  if (shape.is_pre_norm) pre_norm = add_norm("norm_pre", width, ComputedIn::working_type);
  for (int i = 0; i < shape.depth; ++i) {
    blocks.push_back(add_block(format("blocks.{}", i), shape));
  }
  if (!shape.norm_after_pooling) norm = add_norm("norm", width, master);
  if (shape.has_attention_pool) {
    VitAttentionPool attention;
    const std::string name = "attn_pool";
    attention.latent = add(name + ".latent", {1, 1, width}, ComputedIn::working_type, token_fan_in);
    attention.query = add_linear(name + ".q", width, width);
    attention.key_value = add_linear(name + ".kv", width, 2 * width);
    attention.projection = add_linear(name + ".proj", width, width);
    attention.norm = add_norm(name + ".norm", width, ComputedIn::working_type);
    attention.mlp = add_mlp(name + ".mlp", shape, /*is_gated=*/false);
    pool = attention;
  }
  if (shape.norm_after_pooling) norm = add_norm("fc_norm", width, master);
}

}  // namespace nolabel
