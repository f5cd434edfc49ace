#include "nolabel/pipeline/hugging_face.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr std::array weights_names{"model.safetensors", "pytorch_model.bin"};

// transformers writes null for what is not set.
void remove_nulls(nlohmann::json& object) {
  for (auto entry = object.begin(); entry != object.end();) {
    if (entry->is_object()) remove_nulls(*entry);
    entry = entry->is_null() ? object.erase(entry) : std::next(entry);
  }
}

nlohmann::json configuration(const fs::path& file) {
  if (!fs::exists(file)) return nlohmann::json::object();
  nlohmann::json json = nlohmann::json::parse(read_file(file), nullptr, false);
  if (!json.is_object()) fail_data("{} must be a JSON object. It is not.", file.string());
  remove_nulls(json);
  return json;
}

// "gelu_pytorch_tanh" and its kin are the approximate GELU.
std::string activation_of(const std::string& name) {
  if (name == "gelu" || name == "quick_gelu") return name;
  if (name == "gelu_pytorch_tanh" || name == "gelu_new" || name == "gelu_fast") return "gelu_tanh";
  return "";
}

// Those that a vision transformer can have; others are the default.
std::string epsilon_of(double value) {
  for (const char* text : {"1e-5", "1e-6", "1e-12"}) {
    if (std::abs(std::stod(text) - value) < 1e-3 * value) return text;
  }
  return "";
}

void take_network(Statements& statements, const nlohmann::json& whole) {
  // CLIP and SigLIP describe the towers of pictures and texts side by side.
  const nlohmann::json& config =
      whole.contains("vision_config") ? whole.at("vision_config") : whole;
  if (config.contains("num_attention_heads")) {
    statements["heads"] = std::to_string(config.at("num_attention_heads").get<int>());
  }
  const std::string activation = activation_of(config.value("hidden_act", ""));
  if (!activation.empty()) statements["activation"] = activation;
  const std::string epsilon = epsilon_of(config.value("layer_norm_eps", 0.0));
  if (!epsilon.empty()) statements["epsilon"] = epsilon;
}

// "0.485 0.456 0.406"
std::string channels_text(const nlohmann::json& values) {
  std::string text;
  for (const nlohmann::json& value : values) {
    text += format(text.empty() ? "{:.9g}" : " {:.9g}", value.get<double>());
  }
  return text;
}

// A size is a number, {"height": …} or {"shortest_edge": …}.
int side_of(const nlohmann::json& size) {
  if (size.is_number_integer()) return size.get<int>();
  for (const char* key : {"height", "shortest_edge"}) {
    if (size.is_object() && size.contains(key)) return size.at(key).get<int>();
  }
  return 0;
}

void take_views(Statements& statements, const nlohmann::json& config) {
  if (config.contains("image_mean") && config.contains("image_std")) {
    statements["mean"] = channels_text(config.at("image_mean"));
    statements["std"] = channels_text(config.at("image_std"));
  }
  const bool crops = config.value("do_center_crop", false) && config.contains("crop_size");
  const int side = side_of(crops ? config.at("crop_size") : config.value("size", nlohmann::json()));
  if (side > 0) statements["image_size"] = std::to_string(side);
}

}  // namespace

Statements hugging_face_statements(const fs::path& weights) {
  Statements statements;
  if (std::ranges::find(weights_names, weights.filename()) == weights_names.end()) return {};
  const fs::path folder = weights.parent_path();
  const fs::path network = folder / "config.json", views = folder / "preprocessor_config.json";
  const nlohmann::json config = configuration(network);
  if (!config.contains("model_type")) return {};
  try {
    take_network(statements, config);
    take_views(statements, configuration(views));
  } catch (const nlohmann::json::exception&) {
    fail_data("{} and {} must have values of the kinds that transformers writes. They have not.",
              network.string(), views.string());
  }
  return statements;
}

std::optional<fs::path> hugging_face_weights(const fs::path& folder) {
  for (const char* name : weights_names) {
    if (fs::exists(folder / name) && fs::exists(folder / "config.json")) return folder / name;
  }
  return std::nullopt;
}

}  // namespace nolabel
