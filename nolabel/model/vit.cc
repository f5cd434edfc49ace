// Vision transformers with learned positions: DINO, DINOv2, CLIP, SigLIP, supervised ones and
// others of the same build (vit_layout.h).
#include <ATen/ATen.h>

#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/model/fused_linear.h"
#include "nolabel/model/vit_layout.h"
#include "nolabel/model/vit_parameters.h"

namespace nolabel {
namespace {

constexpr std::array dino_mean{0.485f, 0.456f, 0.406f};
constexpr std::array dino_std{0.229f, 0.224f, 0.225f};
constexpr std::array clip_mean{0.48145466f, 0.4578275f, 0.40821073f};
constexpr std::array clip_std{0.26862954f, 0.26130258f, 0.27577711f};
constexpr std::array half{0.5f, 0.5f, 0.5f};

// DINOv2 was trained last on images of 518 pixels; its authors evaluate on 224.
constexpr int dinov2_size = 518, evaluation_size = 224;

// One forward pass.
class VitPass {
 public:
  VitPass(const VitShape& shape, const VitLayout& layout, const std::vector<at::Tensor>& leaves)
      : shape_(shape), layout_(layout), leaves_(leaves) {}

  at::Tensor features(const at::Tensor& views) const {
    at::Tensor x = tokens(views);
    if (shape_.is_pre_norm) x = norm(layout_.pre_norm, x);
    for (const VitBlock& block : layout_.blocks) x = through(block, x);
    return pooled(x);
  }

 private:
  at::Tensor leaf(int number) const { return number < 0 ? at::Tensor() : leaves_[number]; }

  at::Tensor linear(const VitPair& pair, const at::Tensor& x) const {
    return at::linear(x, leaf(pair.weight), leaf(pair.bias));
  }

  at::Tensor norm(const VitPair& pair, const at::Tensor& x) const {
    return at::layer_norm(x, {shape_.width}, leaf(pair.weight), leaf(pair.bias), shape_.epsilon);
  }

  // Learned positions [1,P,D], resampled for a grid of other proportions: bicubic, antialiased, as
  // timm does, in the masters' type.
  at::Tensor positions(int64_t rows, int64_t columns) const {
    const at::Tensor learned = leaf(layout_.positions);
    if (rows == shape_.grid && columns == shape_.grid) return learned;
    const int64_t prefix = shape_.has_class_position ? 1 : 0;
    const at::Tensor grid = learned.narrow(1, prefix, learned.size(1) - prefix)
                                .view({1, shape_.grid, shape_.grid, shape_.width})
                                .permute({0, 3, 1, 2});
    const at::Tensor resampled =
        at::_upsample_bicubic2d_aa(grid, {rows, columns}, /*align_corners=*/false)
            .permute({0, 2, 3, 1})
            .reshape({1, rows * columns, shape_.width});
    return prefix == 0 ? resampled : at::cat({learned.narrow(1, 0, 1), resampled}, 1);
  }

  // [B,3,H,W] -> [B,T,D]: the class token, registers, and a token for each whole patch.
  at::Tensor tokens(const at::Tensor& views) const {
    const at::Tensor convolved =
        at::conv2d(views, leaf(layout_.patches.weight), leaf(layout_.patches.bias), shape_.patch);
    const int64_t images = convolved.size(0), rows = convolved.size(2), columns = convolved.size(3);
    at::Tensor x = convolved.permute({0, 2, 3, 1}).reshape({images, rows * columns, shape_.width});
    const at::Tensor where = positions(rows, columns).to(x.scalar_type());
    const auto repeated = [&](const at::Tensor& token) {
      return token.to(x.scalar_type()).expand({images, -1, -1});
    };
    std::vector<at::Tensor> all;
    if (shape_.has_class_token) {
      const at::Tensor token = leaf(layout_.class_token);
      all.push_back(repeated(
          shape_.has_class_position ? token + leaf(layout_.positions).narrow(1, 0, 1) : token));
    }
    if (layout_.registers >= 0) all.push_back(repeated(leaf(layout_.registers)));
    const int64_t prefix = shape_.has_class_position ? 1 : 0;
    all.push_back(x + where.narrow(1, prefix, rows * columns));
    return all.size() == 1 ? all[0] : at::cat(all, 1);
  }

  // [B,T,N·D] -> N tensors [B,heads,T,D/heads]
  std::vector<at::Tensor> split_heads(const at::Tensor& x, int64_t parts) const {
    return x.view({x.size(0), x.size(1), parts, shape_.heads, -1})
        .permute({2, 0, 3, 1, 4})
        .unbind(0);
  }

  at::Tensor attended(const at::Tensor& query, const at::Tensor& key,
                      const at::Tensor& value) const {
    const at::Tensor x = at::scaled_dot_product_attention(query, key, value);
    return x.transpose(1, 2).reshape({x.size(0), x.size(2), shape_.width});
  }

  at::Tensor activated(const VitPair& layer, const at::Tensor& x) const {
    if (shape_.activation == VitActivation::quick_gelu) {
      const at::Tensor y = linear(layer, x);
      return y * (y * 1.702).sigmoid_();
    }
    return linear_gelu(x, leaf(layer.weight), leaf(layer.bias),
                       shape_.activation == VitActivation::gelu_tanh ? "tanh" : "none");
  }

  at::Tensor gated(const VitPair& layer, const at::Tensor& x) const {
    const std::vector<at::Tensor> parts = linear(layer, x).chunk(2, -1);
    return at::silu(parts[0]) * parts[1];
  }

  at::Tensor mlp(const VitMlp& layers, const at::Tensor& x, bool is_gated) const {
    return linear(layers.second, is_gated ? gated(layers.first, x) : activated(layers.first, x));
  }

  at::Tensor scaled(int scale, at::Tensor x) const { return scale < 0 ? x : x * leaves_[scale]; }

  at::Tensor through(const VitBlock& block, const at::Tensor& input) const {
    const auto parts = split_heads(linear(block.qkv, norm(block.norm1, input)), 3);
    const at::Tensor mixed = linear(block.projection, attended(parts[0], parts[1], parts[2]));
    const at::Tensor x = input + scaled(block.scale1, mixed);
    return x + scaled(block.scale2, mlp(block.mlp, norm(block.norm2, x), shape_.is_gated));
  }

  at::Tensor pooled_by_attention(const at::Tensor& x) const {
    const VitAttentionPool& pool = *layout_.pool;
    const at::Tensor latent = leaf(pool.latent).expand({x.size(0), -1, -1});
    const at::Tensor query = split_heads(linear(pool.query, latent), 1)[0];
    const auto parts = split_heads(linear(pool.key_value, x), 2);
    const at::Tensor mixed = linear(pool.projection, attended(query, parts[0], parts[1]));
    return (mixed + mlp(pool.mlp, norm(pool.norm, mixed), false)).select(1, 0);
  }

  // In the masters' type but for pooling by attention.
  at::Tensor pooled(const at::Tensor& last) const {
    const at::ScalarType master = leaf(layout_.positions).scalar_type();
    if (shape_.pooling == VitPooling::class_token && !shape_.norm_after_pooling) {
      return norm(layout_.norm, last.select(1, 0).to(master));
    }
    at::Tensor x = last.to(master);
    if (!shape_.norm_after_pooling) x = norm(layout_.norm, x);
    if (shape_.pooling == VitPooling::attention) {
      return pooled_by_attention(x.to(last.scalar_type())).to(master);
    }
    const int64_t prefix = shape_.prefix_tokens();
    at::Tensor mean = x.narrow(1, prefix, x.size(1) - prefix).mean(1);
    at::Tensor first = shape_.has_class_token ? x.select(1, 0) : at::Tensor();
    if (shape_.norm_after_pooling) {
      mean = norm(layout_.norm, mean);
      if (first.defined()) first = norm(layout_.norm, first);
    }
    if (shape_.pooling == VitPooling::mean) return mean;
    if (shape_.pooling == VitPooling::class_token) return first;
    return at::cat({first, mean}, 1);
  }

  const VitShape& shape_;
  const VitLayout& layout_;
  const std::vector<at::Tensor>& leaves_;
};

class VisionTransformer : public BackboneNetwork {
 public:
  explicit VisionTransformer(const BackboneDescription& description)
      : shape_(vit_shape(description)), layout_(shape_) {}

  int dimensions() const override { return shape_.dimensions(); }
  const std::vector<BackboneTensor>& tensors() const override { return layout_.tensors; }

  // There is neither dropout nor a buffer, so every mode computes the same.
  at::Tensor features(const NetworkWeights& weights, const at::Tensor& views,
                      ForwardMode) const override {
    return VitPass(shape_, layout_, weights.leaves).features(views);
  }

 private:
  const VitShape shape_;
  const VitLayout layout_;
};

std::string family_of(const BackboneDescription& description, const VitShape& shape) {
  const std::string& stated = description.parameters.at(vit::views);
  if (stated != vit::automatic) return stated;
  if (shape.has_attention_pool) return "siglip";
  return shape.is_pre_norm ? "clip" : "dino";
}

// DINO's and DINOv2's authors evaluate on 224 pixels cut from a short side of 256, CLIP's on a
// short side that is the view's, SigLIP's on the whole picture whatever its proportions; all resize
// by bicubic interpolation. `half` are the supervised networks of Google, with levels from -1 to 1.
Preprocessing vit_preprocessing(const BackboneDescription& description, int image_size) {
  const VitShape shape = vit_shape(description);
  if (image_size == 0) {
    image_size = shape.grid * shape.patch;
    if (image_size == dinov2_size && shape.has_layer_scale) image_size = evaluation_size;
  }
  if (image_size < shape.patch) {
    fail_usage("image_size must be at least {}, the side of the backbone's patches. Received {}.",
               shape.patch, image_size);
  }
  const std::string family = family_of(description, shape);
  const bool takes_all = family == "clip" || family == "siglip";
  return {.view_size = image_size,
          .pictures = {.short_side = takes_all ? image_size : (image_size * 8 + 6) / 7,
                       .enlarge = true,
                       .squash = family == "siglip",
                       .interpolation = Interpolation::bicubic},
          .mean = family == "dino"   ? dino_mean
                  : family == "clip" ? clip_mean
                                     : half,
          .std = family == "dino"   ? dino_std
                 : family == "clip" ? clip_std
                                    : half};
}

std::string describe_vit(const BackboneDescription& description) {
  const VitShape shape = vit_shape(description);
  std::string text = format("vision transformer (width {}, {} blocks, patches of {}", shape.width,
                            shape.depth, shape.patch);
  if (shape.registers > 0) text += format(", {} registers", shape.registers);
  return text + ")";
}

// Weights of DINO and of networks that were trained with labels have the same names and shapes, and
// so have those of OpenAI's CLIP and of OpenCLIP.
std::string vit_assumption(const BackboneDescription& description, const Statements& stated) {
  const VitShape shape = vit_shape(description);
  if (shape.has_attention_pool || shape.has_layer_scale) return "";
  if (shape.is_pre_norm) {
    if (stated.contains(vit::activation)) return "";
    return "does not say with which activation it was trained: nolabel assumes quick_gelu, as for "
           "OpenAI's CLIP. Write {\"activation\": \"gelu\"} into FILE.backbone.json beside it if "
           "it is of OpenCLIP and its name has no \"quickgelu\".";
  }
  if (stated.contains(vit::views) || stated.contains("mean")) return "";
  return "does not say which views it was trained on: nolabel assumes those of DINO. Write "
         "{\"views\": \"half\"} into FILE.backbone.json beside it if it was trained on levels from "
         "-1 to 1, as Google's networks with labels were.";
}

}  // namespace

std::vector<Architecture> vision_transformers() {
  return {{.name = vit::name,
           .parameters = vit_parameters(),
           .trains_from_random = false,
           .namings = vit_namings(),
           .make = [](const BackboneDescription& description)
               -> std::unique_ptr<const BackboneNetwork> {
             return std::make_unique<VisionTransformer>(description);
           },
           .preprocessing = vit_preprocessing,
           .describe = describe_vit,
           .recognise = recognise_vit,
           .assumption = vit_assumption,
           .with_our_names = vit_with_our_names}};
}

}  // namespace nolabel
