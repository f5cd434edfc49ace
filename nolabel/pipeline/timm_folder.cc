#include "nolabel/pipeline/timm_folder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>
#include <vector>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[noreturn]] void refuse_timm(const fs::path& file, const std::string& required) {
  fail_data("{} must {}. Export the network as a program instead (docs/backbones.md, A program).",
            file.string(), required);
}

// "vit_base_patch16_224" of "vit_base_patch16_224.augreg_in21k", and what follows the dot.
std::pair<std::string, std::string> name_and_tag(const std::string& architecture) {
  const size_t dot = architecture.find('.');
  if (dot == architecture.npos) return {architecture, ""};
  return {architecture.substr(0, dot), architecture.substr(dot + 1)};
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Words of the names of vision transformers whose blocks are nolabel's. Other words mean another
// computation, which the weights do not always show: blocks side by side (`xp`), norms after the
// layers (`rpn`).
constexpr std::array vit_words{"tiny",     "wee",       "xsmall", "small",    "little", "medium",
                               "mediumd",  "betwixt",   "base",   "large",    "huge",   "giant",
                               "so150m",   "so150m2",   "so400m", "gigantic", "clip",   "siglip",
                               "giantopt", "quickgelu", "dinov2", "gap",      "map",    "plus",
                               "miil",     "36x1"};

bool is_word_of_vit(const std::string& word) {
  if (is_number(word) || std::ranges::find(vit_words, word) != vit_words.end()) return true;
  for (const std::string_view beginning : {"patch", "reg"}) {
    if (word.starts_with(beginning) && is_number(std::string_view(word).substr(beginning.size()))) {
      return true;
    }
  }
  return false;
}

bool is_known_vit(const std::string& name) {
  std::istringstream words(name);
  std::string word;
  std::getline(words, word, '_');
  constexpr std::array families{"vit", "deit", "deit3", "flexivit"};
  if (std::ranges::find(families, word) == families.end()) return false;
  while (std::getline(words, word, '_')) {
    if (!is_word_of_vit(word)) return false;
  }
  return true;
}

bool begins_with_any(const std::string& name, std::initializer_list<std::string_view> beginnings) {
  return std::ranges::any_of(beginnings,
                             [&name](std::string_view one) { return name.starts_with(one); });
}

// timm's choices for each name (timm 1.0.31, vision_transformer.py).
Statements vit_by_name(const std::string& name) {
  Statements statements{{"architecture", "vit"}};
  const bool tanh =
      begins_with_any(name, {"vit_base_patch32_siglip_", "vit_giantopt_patch16_siglip_",
                             "vit_so400m_patch16_siglip_", "vit_large_patch16_siglip_512",
                             "vit_large_patch16_siglip_gap_512"});
  statements["activation"] = name.find("_quickgelu_") != name.npos ? "quick_gelu"
                             : tanh                                ? "gelu_tanh"
                                                                   : "gelu";
  if (begins_with_any(name, {"vit_giantopt_", "vit_base_patch16_gap_"})) statements["heads"] = "16";
  return statements;
}

Statements network_of_timm(const std::string& name, const fs::path& file) {
  if (is_known_vit(name)) return vit_by_name(name);
  for (const char* depth : {"18", "34", "50", "101", "152"}) {
    const std::string ours = std::string("resnet") + depth;
    if (name == ours) return {{"architecture", ours}};
  }
  for (const char* number : {"0", "1", "2", "3", "4"}) {
    if (name == std::string("tf_efficientnet_lite") + number) {
      return {{"architecture", std::string("efficientnet-lite") + number}};
    }
  }
  refuse_timm(file,
              format("have one of timm's architectures that nolabel has: vision transformers "
                     "with learned positions, resnet18 to resnet152, tf_efficientnet_lite0 to "
                     "4. It has {}",
                     name));
}

// Arguments that change the training alone or show in the weights, and those that are looked at.
void require_known_arguments(const json& arguments, const fs::path& file) {
  constexpr std::array known{
      "num_classes",    "drop_rate",        "drop_path_rate", "attn_drop_rate", "proj_drop_rate",
      "pos_drop_rate",  "patch_drop_rate",  "img_size",       "in_chans",       "global_pool",
      "zero_init_last", "dynamic_img_size", "weight_init",    "fix_init",       "strict_img_size",
      "depth",          "embed_dim",        "patch_size",     "num_heads",      "qkv_bias"};
  for (const auto& [name, value] : arguments.items()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    refuse_timm(file, format("have no {} in model_args, which nolabel does not know", name));
  }
}

void take_pooling(Statements& statements, const std::string& pool, const fs::path& file) {
  if (statements.at("architecture") != "vit") {
    if (pool.empty() || pool == "avg") return;
    refuse_timm(file, format("have the global_pool avg. It has {}", pool));
  }
  if (pool.empty()) return;  // a network usually has what its weights show
  struct Pool {
    const char *timm, *ours;
  };
  constexpr std::array pools{Pool{"token", "class"}, Pool{"avg", "mean"}, Pool{"map", "attention"}};
  const auto found =
      std::ranges::find(pools, pool, [](const Pool& one) { return std::string(one.timm); });
  if (found == pools.end()) {
    refuse_timm(file, format("have the global_pool token, avg or map. It has {}", pool));
  }
  statements["pool"] = found->ours;
}

int view_side(const json& pretrained, const fs::path& file) {
  const auto size = pretrained.value("input_size", std::vector<int>{3, 224, 224});
  if (size.size() == 3 && size[0] == 3 && size[1] == size[2] && size[1] > 0) return size[1];
  refuse_timm(file, format("have an input_size of three channels and a square. It has {}",
                           json(size).dump()));
}

std::string channels(const json& pretrained, const char* key, const std::array<double, 3>& usual) {
  const auto values = pretrained.value(key, usual);
  return format("{:.9g} {:.9g} {:.9g}", values[0], values[1], values[2]);
}

// timm.data.transforms_factory.transforms_imagenet_eval, with the defaults of resolve_data_config.
void take_views(Statements& statements, const json& pretrained, const fs::path& file) {
  constexpr double usual_crop = 0.875;
  const int side = view_side(pretrained, file);
  const double crop = pretrained.value("crop_pct", usual_crop);
  if (!(crop > 0 && crop <= 1)) {
    refuse_timm(file, format("have a crop_pct above 0 and of at most 1, because nolabel cannot pad "
                             "pictures. It has {}",
                             crop));
  }
  const std::string mode = pretrained.value("crop_mode", "center");
  if (mode != "center" && mode != "squash") {
    refuse_timm(file, format("have the crop_mode center or squash. It has {}", mode));
  }
  const std::string filter = pretrained.value("interpolation", "bicubic");
  constexpr std::array filters{"nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"};
  if (std::ranges::find(filters, filter) == filters.end()) {
    refuse_timm(file, format("have an interpolation that Pillow has: nearest, bilinear, bicubic, "
                             "box, hamming or lanczos. It has {}",
                             filter));
  }
  statements["image_size"] = std::to_string(side);
  statements["short_side"] = std::to_string(static_cast<int>(std::floor(side / crop)));
  statements["enlarge"] = "yes";
  statements["squash"] = mode == "squash" ? "yes" : "no";
  statements["interpolation"] = filter;
  statements["mean"] = channels(pretrained, "mean", {0.485, 0.456, 0.406});
  statements["std"] = channels(pretrained, "std", {0.229, 0.224, 0.225});
}

// The last training that a tag names decides: "augreg_in21k_ft_in1k" saw ImageNet's labels, and
// "in1k_ijepa" saw its images alone. Empty: the tag does not tell.
std::string labels_by_tag(const std::string& tag, const std::string& name) {
  const std::string last = tag.substr(tag.rfind('_') + 1);
  for (const char* classes : {"in1k", "in12k", "in21k", "in22k"}) {
    if (last == classes) return labels_imagenet;
  }
  const bool with_texts = name.find("_clip_") != name.npos || name.find("_siglip_") != name.npos;
  return with_texts ? labels_captions : "";
}

}  // namespace

bool is_timm_config(const json& config) {
  const bool is_named = config.contains("architecture") && config.at("architecture").is_string();
  return is_named && (config.contains("pretrained_cfg") || !config.contains("model_type"));
}

Statements timm_statements(const json& config, const fs::path& file) {
  // Before timm 0.8, what pretrained_cfg holds stood beside the architecture.
  const json& pretrained = config.contains("pretrained_cfg") ? config.at("pretrained_cfg") : config;
  const json arguments = config.value("model_args", json::object());
  const auto [name, tag_of_name] = name_and_tag(config.at("architecture"));
  const std::string tag = pretrained.value("tag", tag_of_name);
  Statements statements = network_of_timm(name, file);
  require_known_arguments(arguments, file);
  if (arguments.value("in_chans", 3) != 3) {
    refuse_timm(file, "have three channels: no other in_chans in model_args");
  }
  take_pooling(statements, arguments.value("global_pool", config.value("global_pool", "")), file);
  take_views(statements, pretrained, file);
  if (arguments.contains("num_heads") && statements.at("architecture") == "vit") {
    statements["heads"] = std::to_string(arguments.at("num_heads").get<int>());
  }
  const std::string labels = labels_by_tag(tag, name);
  if (!labels.empty()) statements["labels"] = labels;
  statements["description"] = format("{}{}{} (timm)", name, tag.empty() ? "" : ".", tag);
  return statements;
}

}  // namespace nolabel
