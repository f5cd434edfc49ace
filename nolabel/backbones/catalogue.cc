#include "nolabel/backbones/catalogue.h"

#include <algorithm>
#include <utility>

#include "nolabel/base/format.h"

namespace nolabel {
namespace {

const std::string lvd = "142 million images from the web that are like those of known data sets";
const std::string imagenet = "ImageNet's 1.3 million images";
const std::string captioned = "400 million images of the web with their captions";

const std::string authors = "https://dl.fbaipublicfiles.com/";
const std::string openai = "https://openaipublic.azureedge.net/clip/models/";
const std::string torchvision = "https://download.pytorch.org/models/";

// A vision transformer: S, B, L or g, and the side of its patches.
struct Transformer {
  std::string size;
  int patch;
  int registers = 0;

  std::string name() const { return format("ViT-{}/{}", size, patch); }
  std::map<std::string, std::string> parameters() const {
    static const std::map<std::string, std::pair<const char*, const char*>> sizes{
        {"S", {"384", "12"}}, {"B", {"768", "12"}}, {"L", {"1024", "24"}}, {"g", {"1536", "40"}}};
    const auto& [width, depth] = sizes.at(size);
    return {{"width", width},
            {"depth", depth},
            {"patch", std::to_string(patch)},
            {"registers", std::to_string(registers)}};
  }
};

PublishedBackbone of_transformer(const std::string& name, const std::string& method,
                                 const Transformer& network, int megabytes,
                                 const std::string& hugging_face) {
  return {
      .name = name,
      .summary = method + " " + network.name() + (network.registers > 0 ? " with registers" : ""),
      .url = {},
      .megabytes = megabytes,
      .licence = "Apache-2.0",
      .images = imagenet,
      .labels = "none",
      .hugging_face = hugging_face,
      .architecture = "vit",
      .parameters = network.parameters()};
}

// `folder`: "dinov2_vits14", as in the names of the authors' files.
PublishedBackbone dinov2(const std::string& name, const Transformer& network,
                         const std::string& folder, int megabytes,
                         const std::string& hugging_face) {
  PublishedBackbone backbone = of_transformer(name, "DINOv2", network, megabytes, hugging_face);
  backbone.url = authors + "dinov2/" + folder + "/" + folder +
                 (network.registers > 0 ? "_reg4_pretrain.pth" : "_pretrain.pth");
  backbone.images = lvd;
  return backbone;
}

PublishedBackbone dino(const std::string& name, const Transformer& network,
                       const std::string& folder, int megabytes, const std::string& hugging_face) {
  PublishedBackbone backbone = of_transformer(name, "DINO", network, megabytes, hugging_face);
  backbone.url = authors + "dino/" + folder + "/" + folder + ".pth";
  // The authors' views also where the weights are Hugging Face's file, whose configuration has
  // others.
  backbone.statements = {{"views", "dino"},  {"image_size", "224"}, {"short_side", "256"},
                         {"enlarge", "yes"}, {"squash", "no"},      {"interpolation", "bicubic"}};
  return backbone;
}

// The folder of the URL is the file's SHA-256. The file holds the network of the texts, too.
PublishedBackbone clip(const std::string& name, const Transformer& network,
                       const std::string& sha256, int megabytes, const std::string& hugging_face) {
  PublishedBackbone backbone = of_transformer(name, "CLIP", network, megabytes, hugging_face);
  backbone.url = openai + sha256 + format("/ViT-{}-{}.pt", network.size, network.patch);
  backbone.sha256 = sha256;
  backbone.licence = "MIT";
  backbone.images = captioned;
  backbone.labels = "captions";
  backbone.statements = {{"activation", "quick_gelu"}};
  return backbone;
}

PublishedBackbone resnet50_of(const std::string& name, const std::string& method,
                              const std::string& path, const std::string& licence,
                              int megabytes = 0) {
  return {.name = name,
          .summary = method + " ResNet-50",
          .url = authors + path,
          .megabytes = megabytes,
          .licence = licence,
          .images = imagenet,
          .labels = "none",
          .architecture = "resnet50"};
}

// The end of the file's name holds the first digits of its SHA-256.
PublishedBackbone supervised(const std::string& network, const std::string& summary,
                             const std::string& digits, int megabytes) {
  return {.name = "supervised-" + network,
          .summary = summary,
          .url = torchvision + network + "-" + digits + ".pth",
          .megabytes = megabytes,
          .sha256 = digits,
          .licence = "BSD-3-Clause",
          .images = imagenet,
          .labels = "imagenet",
          .architecture = network};
}

PublishedBackbone unasked(PublishedBackbone backbone) {
  backbone.is_taken_unasked = true;
  return backbone;
}

PublishedBackbone dinov2_s14() {
  PublishedBackbone backbone =
      dinov2("dinov2-s14", {"S", 14}, "dinov2_vits14", 88, "facebook/dinov2-small");
  backbone.bytes = 88'283'115;
  backbone.sha256 = "b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9";
  return backbone;
}

std::vector<PublishedBackbone> all_published() {
  const std::string with_registers = "facebook/dinov2-with-registers-";
  return {
      unasked(dinov2_s14()),
      unasked(
          dinov2("dinov2-s14-reg", {"S", 14, 4}, "dinov2_vits14", 88, with_registers + "small")),
      unasked(
          dinov2("dinov2-b14-reg", {"B", 14, 4}, "dinov2_vitb14", 346, with_registers + "base")),
      unasked(dinov2("dinov2-b14", {"B", 14}, "dinov2_vitb14", 346, "facebook/dinov2-base")),
      unasked(dino("dino-s16", {"S", 16}, "dino_deitsmall16_pretrain", 87, "facebook/dino-vits16")),
      unasked(dino("dino-b16", {"B", 16}, "dino_vitbase16_pretrain", 343, "facebook/dino-vitb16")),
      unasked(clip("clip-b32", {"B", 32},
                   "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af", 354,
                   "openai/clip-vit-base-patch32")),
      unasked(clip("clip-b16", {"B", 16},
                   "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f", 351,
                   "openai/clip-vit-base-patch16")),
      unasked(resnet50_of("dino-resnet50", "DINO",
                          "dino/dino_resnet50_pretrain/dino_resnet50_pretrain.pth", "Apache-2.0",
                          94)),
      dinov2("dinov2-l14-reg", {"L", 14, 4}, "dinov2_vitl14", 1217, with_registers + "large"),
      dinov2("dinov2-l14", {"L", 14}, "dinov2_vitl14", 1217, "facebook/dinov2-large"),
      dinov2("dinov2-g14-reg", {"g", 14, 4}, "dinov2_vitg14", 4546, with_registers + "giant"),
      dinov2("dinov2-g14", {"g", 14}, "dinov2_vitg14", 4546, "facebook/dinov2-giant"),
      dino("dino-s8", {"S", 8}, "dino_deitsmall8_pretrain", 87, "facebook/dino-vits8"),
      dino("dino-b8", {"B", 8}, "dino_vitbase8_pretrain", 343, "facebook/dino-vitb8"),
      clip("clip-l14", {"L", 14},
           "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836", 933,
           "openai/clip-vit-large-patch14"),
      resnet50_of("mocov2-resnet50", "MoCo v2",
                  "moco/moco_checkpoints/moco_v2_800ep/moco_v2_800ep_pretrain.pth.tar",
                  "CC-BY-NC-4.0"),
      resnet50_of("mocov3-resnet50", "MoCo v3", "moco-v3/r-50-1000ep/r-50-1000ep.pth.tar",
                  "CC-BY-NC-4.0"),
      resnet50_of("swav-resnet50", "SwAV", "deepcluster/swav_800ep_pretrain.pth.tar",
                  "CC-BY-NC-4.0"),
      supervised("resnet18", "ResNet-18 of torchvision", "f37072fd", 47),
      supervised("resnet50", "ResNet-50 of torchvision", "11ad3fa6", 103),
  };
}

}  // namespace

std::string PublishedBackbone::file() const {
  return url.substr(url.rfind('/') + 1);
}

std::span<const PublishedBackbone> published_backbones() {
  static const std::vector<PublishedBackbone> all = all_published();
  return all;
}

const PublishedBackbone* find_published(std::string_view name) {
  const auto found = std::ranges::find(published_backbones(), name, &PublishedBackbone::name);
  return found == published_backbones().end() ? nullptr : &*found;
}

std::string size_text(const PublishedBackbone& backbone) {
  if (backbone.bytes == 0) {
    return backbone.megabytes == 0 ? "size unknown" : format("about {} MB", backbone.megabytes);
  }
  return format("{:.1f} MB", static_cast<double>(backbone.bytes) / 1e6);
}

}  // namespace nolabel
