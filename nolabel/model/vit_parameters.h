// Names and values of the parameters of the architecture `vit`. Private to model.
#pragma once

#include <array>

namespace nolabel::vit {

inline constexpr const char* name = "vit";

// Numbers.
inline constexpr const char *width = "width", *depth = "depth", *heads = "heads", *patch = "patch",
                            *hidden = "hidden", *registers = "registers", *grid = "grid",
                            *epsilon = "epsilon";
// One of some texts.
inline constexpr const char *class_token = "class_token", *patch_bias = "patch_bias",
                            *layer_scale = "layer_scale", *pre_norm = "pre_norm", *gated = "gated",
                            *norm_after_pooling = "norm_after_pooling",
                            *attention_pool = "attention_pool", *qkv_bias = "qkv_bias",
                            *activation = "activation", *pool = "pool", *views = "views";

inline constexpr const char *yes = "yes", *no = "no", *with_position = "with_position",
                            *automatic = "auto";
inline constexpr std::array activations{automatic, "gelu", "quick_gelu", "gelu_tanh"};
inline constexpr std::array epsilons{automatic, "1e-5", "1e-6", "1e-12"};
inline constexpr std::array pools{automatic, "class", "mean", "both", "attention"};
inline constexpr std::array families{automatic, "dino", "clip", "siglip", "half"};

}  // namespace nolabel::vit
