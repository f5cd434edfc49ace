#include "nolabel/backbones/catalogue.h"

#include <algorithm>
#include <array>

#include "nolabel/base/format.h"

namespace nolabel {
namespace {

const std::string lvd = "142 million images from the web that are like those of known data sets";
const std::string imagenet = "ImageNet's 1.3 million images";
const std::string captioned = "400 million images of the web with their captions";

const std::string authors = "https://dl.fbaipublicfiles.com/";
const std::string openai = "https://openaipublic.azureedge.net/clip/models/";
const std::string torchvision = "https://download.pytorch.org/models/";

// A vision transformer of this size and patch: "S/14".
void set_transformer(PublishedBackbone& backbone, char size, const std::string& patch) {
  backbone.architecture = "vit";
  backbone.parameters = {{"patch", patch}};
  const auto set = [&](const char* width, const char* depth) {
    backbone.parameters.insert({{"width", width}, {"depth", depth}});
  };
  if (size == 'S') set("384", "12");
  if (size == 'B') set("768", "12");
  if (size == 'L') set("1024", "24");
  if (size == 'g') set("1536", "40");
}

PublishedBackbone dinov2(const std::string& name, const std::string& size, bool has_registers,
                         const std::string& hugging_face) {
  const std::string letter(1, name[name.find('-') + 1]);
  const std::string folder = "dinov2_vit" + letter + "14";
  return {.name = name,
          .summary = "DINOv2 ViT-" + size + (has_registers ? "/14 with registers" : "/14"),
          .url = authors + "dinov2/" + folder + "/" + folder +
                 (has_registers ? "_reg4_pretrain.pth" : "_pretrain.pth"),
          .licence = "Apache-2.0",
          .images = lvd,
          .labels = "none",
          .hugging_face = hugging_face};
}

PublishedBackbone dino(const std::string& name, const std::string& summary,
                       const std::string& folder, const std::string& hugging_face) {
  return {.name = name,
          .summary = summary,
          .url = authors + "dino/" + folder + "/" + folder + ".pth",
          .licence = "Apache-2.0",
          .images = imagenet,
          .labels = "none",
          .statements = {{"views", "dino"}},
          .hugging_face = hugging_face};
}

// The folder of the URL is the file's SHA-256.
PublishedBackbone clip(const std::string& name, const std::string& size, const std::string& sha256,
                       const std::string& hugging_face) {
  return {.name = name,
          .summary = "CLIP ViT-" + size,
          .url = openai + sha256 + "/ViT-" + size.substr(0, 1) + "-" + size.substr(2) + ".pt",
          .sha256 = sha256,
          .licence = "MIT",
          .images = captioned,
          .labels = "captions",
          .statements = {{"activation", "quick_gelu"}},
          .hugging_face = hugging_face};
}

PublishedBackbone resnet50_of(const std::string& name, const std::string& summary,
                              const std::string& path) {
  return {.name = name,
          .summary = summary,
          .url = authors + path,
          .licence = "CC-BY-NC-4.0",
          .images = imagenet,
          .labels = "none"};
}

// The end of the name holds the first digits of the SHA-256.
PublishedBackbone supervised(const std::string& name, const std::string& summary,
                             const std::string& digits) {
  return {.name = name,
          .summary = summary,
          .url = torchvision + name.substr(name.find('-') + 1) + "-" + digits + ".pth",
          .sha256 = digits,
          .licence = "BSD-3-Clause",
          .images = imagenet,
          .labels = "imagenet"};
}

std::vector<PublishedBackbone> all_published() {
  std::vector<PublishedBackbone> all = {
      dinov2("dinov2-s14", "S", false, "facebook/dinov2-small"),
      dinov2("dinov2-s14-reg", "S", true, "facebook/dinov2-with-registers-small"),
      dinov2("dinov2-b14-reg", "B", true, "facebook/dinov2-with-registers-base"),
      dinov2("dinov2-b14", "B", false, "facebook/dinov2-base"),
      dino("dino-s16", "DINO ViT-S/16", "dino_deitsmall16_pretrain", "facebook/dino-vits16"),
      dino("dino-b16", "DINO ViT-B/16", "dino_vitbase16_pretrain", "facebook/dino-vitb16"),
      clip("clip-b32", "B/32", "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af",
           "openai/clip-vit-base-patch32"),
      clip("clip-b16", "B/16", "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f",
           "openai/clip-vit-base-patch16"),
      dino("dino-resnet50", "DINO ResNet-50", "dino_resnet50_pretrain", ""),
      dinov2("dinov2-l14-reg", "L", true, "facebook/dinov2-with-registers-large"),
      dinov2("dinov2-l14", "L", false, "facebook/dinov2-large"),
      dinov2("dinov2-g14-reg", "g", true, "facebook/dinov2-with-registers-giant"),
      dinov2("dinov2-g14", "g", false, "facebook/dinov2-giant"),
      dino("dino-s8", "DINO ViT-S/8", "dino_deitsmall8_pretrain", "facebook/dino-vits8"),
      dino("dino-b8", "DINO ViT-B/8", "dino_vitbase8_pretrain", "facebook/dino-vitb8"),
      clip("clip-l14", "L/14", "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836",
           "openai/clip-vit-large-patch14"),
      resnet50_of("mocov2-resnet50", "MoCo v2 ResNet-50",
                  "moco/moco_checkpoints/moco_v2_800ep/moco_v2_800ep_pretrain.pth.tar"),
      resnet50_of("mocov3-resnet50", "MoCo v3 ResNet-50",
                  "moco-v3/r-50-1000ep/r-50-1000ep.pth.tar"),
      resnet50_of("swav-resnet50", "SwAV ResNet-50", "deepcluster/swav_800ep_pretrain.pth.tar"),
      supervised("supervised-resnet18", "ResNet-18 of torchvision", "f37072fd"),
      supervised("supervised-resnet50", "ResNet-50 of torchvision", "11ad3fa6"),
  };
  // Four bytes for each weight; two in CLIP's files, which hold the network of the texts, too.
  const std::map<std::string, int> megabytes{
      {"dinov2-s14", 88},      {"dinov2-s14-reg", 88},      {"dinov2-b14", 346},
      {"dinov2-b14-reg", 346}, {"dinov2-l14", 1217},        {"dinov2-l14-reg", 1217},
      {"dinov2-g14", 4546},    {"dinov2-g14-reg", 4546},    {"dino-s16", 87},
      {"dino-s8", 87},         {"dino-b16", 343},           {"dino-b8", 343},
      {"dino-resnet50", 94},   {"clip-b32", 354},           {"clip-b16", 351},
      {"clip-l14", 933},       {"supervised-resnet18", 47}, {"supervised-resnet50", 103}};
  for (PublishedBackbone& backbone : all) {
    const auto known = megabytes.find(backbone.name);
    if (known != megabytes.end()) backbone.megabytes = known->second;
  }
  all[0].bytes = 88'283'115;
  all[0].sha256 = "b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9";
  for (PublishedBackbone& backbone : all) {
    constexpr std::array unasked{"dinov2-s14",     "dinov2-s14-reg", "dinov2-b14",
                                 "dinov2-b14-reg", "dino-s16",       "dino-b16",
                                 "clip-b32",       "clip-b16",       "dino-resnet50"};
    backbone.is_taken_unasked = std::ranges::find(unasked, backbone.name) != unasked.end();
    const size_t transformer = backbone.summary.find("ViT-"), slash = backbone.summary.find('/');
    if (transformer != std::string::npos) {
      const std::string rest = backbone.summary.substr(slash + 1);
      set_transformer(backbone, backbone.summary[transformer + 4], rest.substr(0, rest.find(' ')));
    } else {
      backbone.architecture = backbone.name.ends_with("18") ? "resnet18" : "resnet50";
    }
  }
  return all;
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
