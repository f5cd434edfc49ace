// What a vision transformer consists of: its sizes, and where its tensors stand. Private to model.
//
// Dosovitskiy et al. 2021 (arXiv 2010.11929), with what came after: registers (Darcet et al. 2024),
// LayerScale (Touvron et al. 2021), a norm before the blocks (CLIP), gated MLPs (SwiGLU), pooling
// by attention (SigLIP). Names are timm's, which are those of DINO's and DINOv2's authors but for
// the registers and the gated MLP.
#pragma once

#include <optional>
#include <vector>

#include "nolabel/model/architecture.h"

namespace nolabel {

enum class VitActivation { gelu, quick_gelu, gelu_tanh };
// Which tokens the features are: the class token, the mean of the patches, both side by side, or
// what attention with a learned query makes of all tokens.
enum class VitPooling { class_token, mean, both, attention };

struct VitShape {
  int width, depth, heads, patch, hidden;
  int registers;
  int grid;  // rows and columns of patches for which positions were learned
  bool has_class_token, has_class_position;
  bool has_patch_bias, has_layer_scale, is_pre_norm, is_gated;
  bool norm_after_pooling, has_attention_pool;
  bool has_qkv_bias;  // of the blocks' queries, keys and values
  VitActivation activation = VitActivation::gelu;
  VitPooling pooling = VitPooling::class_token;
  double epsilon = 1e-6;  // of layer norms

  int prefix_tokens() const { return (has_class_token ? 1 : 0) + registers; }
  int dimensions() const { return pooling == VitPooling::both ? 2 * width : width; }
};

// Of a completed description. Error(Fault::usage) when its parameters contradict one another.
VitShape vit_shape(const BackboneDescription& description);

// Numbers of a layer's tensors among those of the network; bias -1: there is none.
struct VitPair {
  int weight = -1, bias = -1;
};
struct VitMlp {
  VitPair first, second;
};
struct VitBlock {
  VitPair norm1, qkv, projection, norm2;
  VitMlp mlp;
  int scale1 = -1, scale2 = -1;  // LayerScale
};
struct VitAttentionPool {
  int latent = -1;
  VitPair query, key_value, projection, norm;
  VitMlp mlp;
};

struct VitLayout {
  explicit VitLayout(const VitShape& shape);

  std::vector<BackboneTensor> tensors;
  int class_token = -1, registers = -1, positions = -1;
  VitPair patches, pre_norm, norm;
  std::vector<VitBlock> blocks;
  std::optional<VitAttentionPool> pool;

 private:
  int add(const std::string& name, std::vector<int64_t> shape, ComputedIn computed_in,
          int64_t fan_in);
  int add_constant(const std::string& name, int64_t size, double value, ComputedIn computed_in);
  VitPair add_linear(const std::string& name, int64_t in, int64_t out, bool has_bias = true);
  VitPair add_norm(const std::string& name, int64_t width, ComputedIn computed_in);
  VitMlp add_mlp(const std::string& name, const VitShape& shape, bool is_gated);
  VitBlock add_block(const std::string& name, const VitShape& shape);
};

// The parameters of the architecture `vit`, and what names and shapes tell of them.
std::vector<ParameterRule> vit_parameters();
BackboneDescription recognise_vit(const Architecture& architecture, const StateDict& state,
                                  int image_size);

// By which tensors the networks are known in files (Architecture::namings), and the tensors of a
// file, under one of these ways of naming, as ours (Architecture::with_our_names).
std::vector<std::vector<std::string>> vit_namings();
StateDict vit_with_our_names(const StateDict& bare, bool is_contrastive);

}  // namespace nolabel
