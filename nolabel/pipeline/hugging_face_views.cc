#include "nolabel/pipeline/hugging_face_views.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "nolabel/base/error.h"
#include "nolabel/model/stated_views.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A class of processors and its defaults in transformers 5.24. A size that is a bare number is a
// square, or where `number_is_square` is false the short side.
struct ProcessorClass {
  const char* name;  // without "ImageProcessor"
  bool number_is_square;
  const char* model_types;  // between spaces: whose networks have it where no class is named
  const char* defaults;
};
constexpr std::array processor_classes{
    ProcessorClass{"ViT", true, " vit vit_msn ijepa ",
                   R"({"size": {"height": 224, "width": 224}, "resample": 2,
                       "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]})"},
    ProcessorClass{"DeiT", true, " deit ",
                   R"({"size": {"height": 256, "width": 256}, "resample": 3,
                       "do_center_crop": true, "crop_size": 224,
                       "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]})"},
    ProcessorClass{"CLIP", false, " clip clip_vision_model ",
                   R"({"size": {"shortest_edge": 224}, "resample": 3,
                       "do_center_crop": true, "crop_size": 224,
                       "image_mean": [0.48145466, 0.4578275, 0.40821073],
                       "image_std": [0.26862954, 0.26130258, 0.27577711]})"},
    ProcessorClass{"Bit", false, " dinov2 dinov2_with_registers ",
                   R"({"size": {"shortest_edge": 224}, "resample": 3,
                       "do_center_crop": true, "crop_size": 224,
                       "image_mean": [0.48145466, 0.4578275, 0.40821073],
                       "image_std": [0.26862954, 0.26130258, 0.27577711]})"},
    ProcessorClass{"Siglip", false, " siglip siglip_vision_model ",
                   R"({"size": {"height": 224, "width": 224}, "resample": 3,
                       "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]})"}};

[[noreturn]] void cannot(const fs::path& file, const std::string& required) {
  fail_data(
      "{} must {}. State the views in FILE.backbone.json beside the weights FILE instead "
      "(docs/formats.md).",
      file.string(), required);
}

// "CLIPImageProcessorFast" is of the class CLIP; empty where none is named.
std::string named_class(const json& config) {
  std::string name = config.value("feature_extractor_type", "");
  name = config.value("image_processor_type", name);
  for (const char* ending : {"ImageProcessor", "FeatureExtractor"}) {
    if (const size_t end = name.find(ending); end != name.npos) return name.substr(0, end);
  }
  return name;
}

// nullptr: one that nolabel does not know.
const ProcessorClass* class_of(const std::string& name, const std::string& model_type) {
  const auto found = std::ranges::find_if(processor_classes, [&](const ProcessorClass& one) {
    if (!name.empty()) return name == one.name;
    return std::string_view(one.model_types).find(" " + model_type + " ") != std::string::npos;
  });
  return found == processor_classes.end() ? nullptr : &*found;
}

// Every step that is done has to be one that nolabel does, too.
void require_known_steps(const json& config, const fs::path& file) {
  constexpr std::array known{"do_resize", "do_center_crop", "do_rescale", "do_normalize",
                             "do_convert_rgb"};
  for (const auto& [name, value] : config.items()) {
    const bool is_step = name.starts_with("do_") && std::ranges::find(known, name) == known.end();
    if ((is_step || name == "rescale_offset") && value == json(true)) {
      cannot(file, format("have no {}, which nolabel cannot do", name));
    }
  }
  if (config.contains("crop_pct")) cannot(file, "have no crop_pct, which nolabel cannot do");
}

struct ProcessorSize {
  int height = 0, width = 0;  // 0: see short_side
  int short_side = 0;         // 0: see height and width
};

ProcessorSize size_of(const json& size, bool number_is_square, const std::string& key,
                      const fs::path& file) {
  if (size.is_number()) {
    const int side = size.get<int>();
    return number_is_square ? ProcessorSize{side, side, 0} : ProcessorSize{0, 0, side};
  }
  if (size.is_array() && size.size() == 2) return {size[0].get<int>(), size[1].get<int>(), 0};
  const bool one = size.is_object() && size.size() == 1, two = size.is_object() && size.size() == 2;
  if (one && size.contains("shortest_edge")) return {0, 0, size.at("shortest_edge").get<int>()};
  if (two && size.contains("height") && size.contains("width")) {
    return {size.at("height").get<int>(), size.at("width").get<int>(), 0};
  }
  cannot(file, format("have a {} that is a number, a height and a width, or a shortest_edge. It is "
                      "{}",
                      key, size.dump()));
}

int square_side(const ProcessorSize& size, const std::string& key, const fs::path& file) {
  if (size.height == size.width && size.height > 0) return size.height;
  cannot(file, format("have a square {}. It has {} x {} pixels", key, size.height, size.width));
}

void take_resize(HuggingFaceViews& views, const json& config, bool number_is_square,
                 const fs::path& file) {
  if (!config.value("do_resize", false)) cannot(file, "have do_resize");
  const ProcessorSize size = size_of(config.at("size"), number_is_square, "size", file);
  const bool squash = size.short_side == 0;
  const int side = squash ? square_side(size, "size", file) : size.short_side;
  int view = side;
  if (config.value("do_center_crop", false)) {
    view = square_side(size_of(config.at("crop_size"), true, "crop_size", file), "crop_size", file);
    if (view > side) {
      cannot(file, format("have a crop_size of at most {}, the size: nolabel cannot pad pictures. "
                          "It is {}",
                          side, view));
    }
  } else if (!squash) {
    views.note =
        format("{} takes whole pictures; nolabel takes the square in the middle, of {} pixels.",
               file.string(), side);
  }
  const auto code = config.value("resample", 2);  // bilinear, as transformers assumes
  if (code < 0 || code >= std::ssize(interpolation_names)) {
    cannot(file, format("have a resample of 0..5, as Pillow numbers its filters. It is {}", code));
  }
  views.statements["image_size"] = std::to_string(view);
  views.statements["short_side"] = std::to_string(side);
  views.statements["enlarge"] = "yes";
  views.statements["squash"] = squash ? "yes" : "no";
  views.statements["interpolation"] = interpolation_names[static_cast<size_t>(code)];
}

// One number stands for all three.
std::array<double, 3> channels_of(const json& values) {
  if (values.is_number()) return {values.get<double>(), values.get<double>(), values.get<double>()};
  return values.get<std::array<double, 3>>();
}

// "0.485 0.456 0.406"
std::string triple_text(const std::array<double, 3>& values) {
  return format("{:.9g} {:.9g} {:.9g}", values[0], values[1], values[2]);
}

// A level of 0..255 is multiplied, then normalised; nolabel's mean and std are of levels in 0..1.
void take_levels(HuggingFaceViews& views, const json& config) {
  const double factor =
      config.value("do_rescale", false) ? config.value("rescale_factor", 1.0 / 255) : 1;
  std::array<double, 3> mean{0, 0, 0}, std{1, 1, 1};
  if (config.value("do_normalize", false)) {
    mean = channels_of(config.at("image_mean"));
    std = channels_of(config.at("image_std"));
  }
  for (size_t i = 0; i < mean.size(); ++i) {
    mean[i] /= 255 * factor;
    std[i] /= 255 * factor;
  }
  views.statements["mean"] = triple_text(mean);
  views.statements["std"] = triple_text(std);
}

// Of a class that nolabel does not know, nothing may be left out.
void require_all_settings(const json& config, const std::string& name, const fs::path& file) {
  std::vector<std::string> required{"do_resize", "size", "resample", "do_rescale", "do_normalize"};
  if (config.value("do_normalize", false)) {
    required.insert(required.end(), {"image_mean", "image_std"});
  }
  if (config.value("do_center_crop", false)) required.emplace_back("crop_size");
  for (const std::string& key : required) {
    if (config.contains(key)) continue;
    cannot(file, format("have {}, because nolabel knows no default of {}", key,
                        name.empty() ? "its processor" : name));
  }
  if (config.at("size").is_number()) {
    cannot(file, format("have a size with a height and a width or a shortest_edge, because nolabel "
                        "does not know what a number means to {}",
                        name.empty() ? "its processor" : name));
  }
}

}  // namespace

HuggingFaceViews hugging_face_views(const json& config, const std::string& model_type,
                                    const fs::path& file) {
  const std::string name = named_class(config);
  const ProcessorClass* known = class_of(name, model_type);
  json settings = config;
  if (known) {
    settings = json::parse(known->defaults);
    for (const char* step : {"do_resize", "do_rescale", "do_normalize"}) settings[step] = true;
    settings.update(config);
  } else {
    require_all_settings(config, name, file);
  }
  require_known_steps(settings, file);
  HuggingFaceViews views;
  take_resize(views, settings, known == nullptr || known->number_is_square, file);
  take_levels(views, settings);
  return views;
}

}  // namespace nolabel
