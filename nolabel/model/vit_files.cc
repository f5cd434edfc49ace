// Vision transformers in files: their parameters, what weights tell of them, and the names that
// other programs give to their tensors.
#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "nolabel/base/error.h"
#include "nolabel/model/vit_layout.h"
#include "nolabel/model/vit_parameters.h"

namespace nolabel {
namespace {

struct VitRenamed {
  std::string_view from, to;
};

// Other programs name their blocks with one of these beginnings and a number, as nolabel does with
// `blocks.N.`. The tables hold the names that Hugging Face's files of ViT, DINOv2, CLIP and SigLIP
// have, those of transformers before and since version 5.
constexpr std::array blocks_begin{"encoder.layer.", "encoder.layers.",        "layers.",
                                  "layer.",         "transformer.resblocks.", "blocks."};
constexpr std::array in_blocks{VitRenamed{"layernorm_before.", "norm1."},
                               VitRenamed{"layer_norm1.", "norm1."},
                               VitRenamed{"ln_1.", "norm1."},
                               VitRenamed{"layernorm_after.", "norm2."},
                               VitRenamed{"layer_norm2.", "norm2."},
                               VitRenamed{"ln_2.", "norm2."},
                               VitRenamed{"attention.output.dense.", "attn.proj."},
                               VitRenamed{"attention.o_proj.", "attn.proj."},
                               VitRenamed{"self_attn.out_proj.", "attn.proj."},
                               VitRenamed{"attn.out_proj.", "attn.proj."},
                               VitRenamed{"attn.in_proj_", "attn.qkv."},
                               VitRenamed{"intermediate.dense.", "mlp.fc1."},
                               VitRenamed{"output.dense.", "mlp.fc2."},
                               VitRenamed{"mlp.c_fc.", "mlp.fc1."},
                               VitRenamed{"mlp.c_proj.", "mlp.fc2."},
                               VitRenamed{"mlp.weights_in.", "mlp.fc1."},
                               VitRenamed{"mlp.weights_out.", "mlp.fc2."},
                               VitRenamed{"mlp.w12.", "mlp.fc1."},
                               VitRenamed{"mlp.w3.", "mlp.fc2."},
                               VitRenamed{"mlp.down_proj.", "mlp.fc2."},
                               VitRenamed{"layer_scale1.lambda1", "ls1.gamma"},
                               VitRenamed{"layer_scale2.lambda1", "ls2.gamma"},
                               VitRenamed{"ls_1.gamma", "ls1.gamma"},
                               VitRenamed{"ls_2.gamma", "ls2.gamma"}};
constexpr std::array outside{
    VitRenamed{"embeddings.cls_token", "cls_token"},
    VitRenamed{"embeddings.class_embedding", "cls_token"},
    VitRenamed{"class_embedding", "cls_token"},
    VitRenamed{"embeddings.register_tokens", "reg_token"},
    VitRenamed{"register_tokens", "reg_token"},
    VitRenamed{"embeddings.position_embeddings", "pos_embed"},
    VitRenamed{"embeddings.position_embedding.weight", "pos_embed"},
    VitRenamed{"positional_embedding", "pos_embed"},
    VitRenamed{"embeddings.patch_embeddings.projection.", "patch_embed.proj."},
    VitRenamed{"embeddings.patch_embedding.", "patch_embed.proj."},
    VitRenamed{"conv1.", "patch_embed.proj."},
    VitRenamed{"pre_layrnorm.", "norm_pre."},
    VitRenamed{"ln_pre.", "norm_pre."},
    VitRenamed{"layernorm.", "norm."},
    VitRenamed{"post_layernorm.", "norm."},
    VitRenamed{"ln_post.", "norm."},
    VitRenamed{"head.probe", "attn_pool.latent"},
    VitRenamed{"head.attention.out_proj.", "attn_pool.proj."},
    VitRenamed{"head.attention.in_proj_", "attn_pool.qkv."},
    VitRenamed{"head.layernorm.", "attn_pool.norm."},
    VitRenamed{"head.mlp.", "attn_pool.mlp."}};
// Tensors beside the network: classifiers, projections into the space of texts, decoders, heads of
// the pretext, tokens for masked patches. Whole names, and beginnings with a dot or an underscore.
constexpr std::array beside_network{"proj",
                                    "mask_token",
                                    "embeddings.mask_token",
                                    "embeddings.position_ids",
                                    "head.",
                                    "head_dist.",
                                    "pooler.",
                                    "classifier.",
                                    "decoder_",
                                    "last_layer."};
// Parts that other programs keep in several tensors, in the order in which ours has them as one.
struct VitParts {
  std::string_view whole;
  std::array<std::string_view, 3> names;
};
constexpr std::array kept_in_parts{
    VitParts{
        "attn.qkv.",
        {"attention.attention.query.", "attention.attention.key.", "attention.attention.value."}},
    VitParts{"attn.qkv.", {"attention.q_proj.", "attention.k_proj.", "attention.v_proj."}},
    VitParts{"attn.qkv.", {"self_attn.q_proj.", "self_attn.k_proj.", "self_attn.v_proj."}},
    VitParts{"mlp.fc1.", {"mlp.gate_proj.", "mlp.up_proj.", ""}}};

template <size_t N>
std::optional<std::string> renamed_by(const std::array<VitRenamed, N>& table,
                                      std::string_view name) {
  for (const auto& [from, to] : table) {
    const bool is_whole = from.back() != '.' && from.back() != '_';
    if (is_whole ? name != from : !name.starts_with(from)) continue;
    return std::string(to) + std::string(name.substr(from.size()));
  }
  return std::nullopt;
}

bool is_beside_network(std::string_view name) {
  return std::ranges::any_of(beside_network, [name](std::string_view one) {
    return one.back() == '.' || one.back() == '_' ? name.starts_with(one) : name == one;
  });
}

// "blocks.3." of "encoder.layer.3.norm1.weight", and what follows.
struct InBlock {
  std::string block;
  std::string_view inner;
};
std::optional<InBlock> in_block(std::string_view name) {
  for (const std::string_view begin : blocks_begin) {
    if (!name.starts_with(begin)) continue;
    const std::string_view rest = name.substr(begin.size());
    int number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc() || end == rest.data() + rest.size() || *end != '.') continue;
    const size_t digits = end - rest.data();
    return InBlock{format("blocks.{}.", number), rest.substr(digits + 1)};
  }
  return std::nullopt;
}

// Another program keeps a part of nolabel's tensor `whole` as a tensor of its own; `place` says
// which part.
struct PartOf {
  std::string whole;
  size_t place;
};
std::optional<PartOf> part_of(const InBlock& inside) {
  for (const VitParts& parts : kept_in_parts) {
    for (size_t i = 0; i < parts.names.size(); ++i) {
      if (parts.names[i].empty() || !inside.inner.starts_with(parts.names[i])) continue;
      return PartOf{inside.block + std::string(parts.whole) +
                        std::string(inside.inner.substr(parts.names[i].size())),
                    i};
    }
  }
  return std::nullopt;
}

// Tokens and positions have three dimensions, [1,T,D].
at::Tensor with_three(const at::Tensor& tensor) {
  return tensor.dim() <= 2 && tensor.dim() > 0 ? tensor.reshape({1, -1, tensor.size(-1)}) : tensor;
}

bool is_token(std::string_view name) {
  return name == "cls_token" || name == "reg_token" || name == "pos_embed";
}

// Whether parts of a tensor have the same shape but for their rows.
bool fit_together(const std::vector<at::Tensor>& parts) {
  return std::ranges::all_of(parts, [&parts](const at::Tensor& part) {
    return part.dim() > 0 && part.dim() == parts[0].dim() &&
           part.sizes().slice(1) == parts[0].sizes().slice(1);
  });
}

// Hugging Face's attention of SigLIP's pooling is one layer; ours has the query by itself.
void add_pool_attention(StateDict& state, const std::string& kind, const at::Tensor& whole) {
  const int64_t width = whole.size(0) / 3;
  state.push_back({"backbone.attn_pool.q." + kind, whole.narrow(0, 0, width)});
  state.push_back({"backbone.attn_pool.kv." + kind, whole.narrow(0, width, 2 * width)});
}

int64_t size_of(const at::Tensor* tensor, int64_t dimension) {
  return tensor && tensor->dim() > dimension ? tensor->size(dimension) : 0;
}

int exact_root(int64_t number) {
  const auto root = static_cast<int>(std::lround(std::sqrt(static_cast<double>(number))));
  return int64_t(root) * root == number ? root : 0;
}

int count_of_blocks(const StateDict& state) {
  std::set<std::string> blocks;
  for (const NamedTensor& entry : state) {
    constexpr std::string_view ours = "backbone.";
    if (!entry.name.starts_with(ours)) continue;
    if (const auto inside = in_block(std::string_view(entry.name).substr(ours.size()))) {
      blocks.insert(inside->block);
    }
  }
  return static_cast<int>(blocks.size());
}

}  // namespace

std::vector<ParameterRule> vit_parameters() {
  const auto texts = [](const auto& names) {
    return std::vector<std::string>(names.begin(), names.end());
  };
  const auto number = [](const char* name, const char* otherwise, int low, int high) {
    return ParameterRule{
        .name = name, .help = "", .otherwise = otherwise, .low = low, .high = high};
  };
  const auto choice = [](const char* name, const char* otherwise) {
    return ParameterRule{
        .name = name, .help = "", .otherwise = otherwise, .choices = {vit::yes, vit::no}};
  };
  const auto untold = [&](const char* name, const auto& names) {
    return ParameterRule{.name = name,
                         .help = "",
                         .otherwise = vit::automatic,
                         .choices = texts(names),
                         .leaves_a_trace = false};
  };
  ParameterRule heads = number(vit::heads, "0", 0, 1024);
  heads.leaves_a_trace = false;
  ParameterRule class_token = choice(vit::class_token, vit::with_position);
  class_token.choices.push_back(vit::with_position);
  ParameterRule qkv_bias = choice(vit::qkv_bias, vit::yes);
  qkv_bias.identifies = false;
  return {number(vit::width, "384", 1, 16384),
          number(vit::depth, "12", 1, 1000),
          std::move(heads),
          number(vit::patch, "16", 1, 1024),
          number(vit::hidden, "1536", 1, 1 << 17),
          number(vit::registers, "0", 0, 1024),
          number(vit::grid, "14", 1, 1024),
          std::move(class_token),
          choice(vit::patch_bias, vit::yes),
          choice(vit::layer_scale, vit::no),
          choice(vit::pre_norm, vit::no),
          choice(vit::gated, vit::no),
          choice(vit::norm_after_pooling, vit::no),
          choice(vit::attention_pool, vit::no),
          std::move(qkv_bias),
          untold(vit::activation, vit::activations),
          untold(vit::pool, vit::pools),
          untold(vit::epsilon, vit::epsilons),
          untold(vit::views, vit::families)};
}

BackboneDescription recognise_vit(const Architecture& architecture, const StateDict& state, int) {
  const auto find = [&state](const char* name) {
    return find_tensor(state, std::string("backbone.") + name);
  };
  BackboneDescription description = completed({architecture.name, {}});
  const auto set = [&](const char* parameter, int64_t value) {
    if (value > 0) description.parameters[parameter] = std::to_string(value);
  };
  const auto choose = [&](const char* parameter, bool is) {
    description.parameters[parameter] = is ? vit::yes : vit::no;
  };
  const at::Tensor* patches = find("patch_embed.proj.weight");
  const int64_t positions = size_of(find("pos_embed"), 1);
  const int64_t hidden = size_of(find("blocks.0.mlp.fc2.weight"), 1);
  const bool has_class_token = find("cls_token") != nullptr;
  const bool has_class_position = has_class_token && exact_root(positions) == 0;
  set(vit::width, size_of(patches, 0));
  set(vit::patch, size_of(patches, 3));
  set(vit::depth, count_of_blocks(state));
  set(vit::hidden, hidden);
  set(vit::registers, size_of(find("reg_token"), 1));
  set(vit::grid, exact_root(positions - (has_class_position ? 1 : 0)));
  description.parameters[vit::class_token] = !has_class_token     ? vit::no
                                             : has_class_position ? vit::with_position
                                                                  : vit::yes;
  choose(vit::patch_bias, find("patch_embed.proj.bias"));
  choose(vit::layer_scale, find("blocks.0.ls1.gamma"));
  choose(vit::pre_norm, find("norm_pre.weight"));
  choose(vit::gated, hidden > 0 && size_of(find("blocks.0.mlp.fc1.weight"), 0) == 2 * hidden);
  choose(vit::norm_after_pooling, find("fc_norm.weight"));
  choose(vit::attention_pool, find("attn_pool.latent"));
  choose(vit::qkv_bias, find("blocks.0.attn.qkv.bias"));
  return description;
}

std::vector<std::vector<std::string>> vit_namings() {
  return {{"patch_embed.proj.weight", "pos_embed", "blocks.0.norm1.weight",
           "blocks.0.attn.qkv.weight", "blocks.0.mlp.fc2.weight"},
          {"patch_embed.proj.weight", "pos_embed", "blocks.0.norm1.weight",
           "blocks.0.attn.qkv.weight", "blocks.0.mlp.w12.weight"},
          // Hugging Face's ViT and DINOv2, by transformers before version 5, and its ViT since.
          {"embeddings.patch_embeddings.projection.weight", "embeddings.position_embeddings",
           "encoder.layer.0.attention.output.dense.weight", "layernorm.weight"},
          {"embeddings.patch_embeddings.projection.weight", "embeddings.position_embeddings",
           "encoder.layer.0.attention.o_proj.weight", "layernorm.weight"},
          {"embeddings.patch_embeddings.projection.weight", "embeddings.position_embeddings",
           "layers.0.attention.o_proj.weight", "layernorm.weight"},
          // Its CLIP and SigLIP.
          {"embeddings.patch_embedding.weight", "embeddings.position_embedding.weight",
           "encoder.layers.0.self_attn.out_proj.weight", "post_layernorm.weight"},
          // OpenAI's CLIP and OpenCLIP.
          {"conv1.weight", "positional_embedding", "transformer.resblocks.0.ln_1.weight",
           "transformer.resblocks.0.attn.in_proj_weight", "ln_post.weight"}};
}

StateDict vit_with_our_names(const StateDict& bare, bool) {
  StateDict result;
  std::map<std::string, std::map<size_t, at::Tensor>> parts;
  for (const auto& [name, tensor] : bare) {
    if (const auto inside = in_block(name)) {
      if (const auto part = part_of(*inside)) {
        parts[part->whole].emplace(part->place, tensor);
      } else {
        const auto inner = renamed_by(in_blocks, inside->inner);
        result.push_back(
            {"backbone." + inside->block + inner.value_or(std::string(inside->inner)), tensor});
      }
      continue;
    }
    const std::string ours = renamed_by(outside, name).value_or(name);
    constexpr std::string_view pool = "attn_pool.qkv.";
    if (ours.starts_with(pool) && tensor.dim() > 0) {
      add_pool_attention(result, ours.substr(pool.size()), tensor);
    } else if (ours != name || !is_beside_network(name)) {
      result.push_back({"backbone." + ours, is_token(ours) ? with_three(tensor) : tensor});
    }
  }
  for (const auto& [name, in_order] : parts) {
    std::vector<at::Tensor> tensors;
    for (const auto& [place, tensor] : in_order) tensors.push_back(tensor);
    if (fit_together(tensors)) {
      result.push_back({"backbone." + name, at::cat(tensors)});
      continue;
    }
    for (const auto& [place, tensor] : in_order) {  // of no network, which recognition will say
      result.push_back({format("backbone.{}.part{}", name, int64_t(place)), tensor});
    }
  }
  return result;
}

}  // namespace nolabel
