#include "nolabel/pipeline/hugging_face.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/pipeline/hugging_face_views.h"
#include "nolabel/pipeline/timm_folder.h"

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

// The processor of pictures, by itself or, since transformers 5, within one of pictures and texts.
struct WrittenProcessor {
  fs::path file;
  nlohmann::json settings;  // empty: there is none
};
WrittenProcessor processor_in(const fs::path& folder) {
  const fs::path alone = folder / "preprocessor_config.json";
  if (fs::exists(alone)) return {alone, configuration(alone)};
  const fs::path whole = folder / "processor_config.json";
  return {whole, configuration(whole).value("image_processor", nlohmann::json::object())};
}

Statements statements_of_timm(const nlohmann::json& config, const fs::path& file) {
  try {
    return timm_statements(config, file);
  } catch (const nlohmann::json::exception&) {
    fail_data("{} must have values of the kinds that timm writes. It has not.", file.string());
  }
}

}  // namespace

HuggingFaceStatements hugging_face_statements(const fs::path& weights) {
  HuggingFaceStatements result;
  if (std::ranges::find(weights_names, weights.filename()) == weights_names.end()) return {};
  const fs::path folder = weights.parent_path();
  const fs::path network = folder / "config.json";
  const nlohmann::json config = configuration(network);
  if (is_timm_config(config)) return {statements_of_timm(config, network), ""};
  if (!config.contains("model_type")) return {};
  WrittenProcessor processor;
  try {
    take_network(result.statements, config);
    processor = processor_in(folder);
    if (!processor.settings.empty()) {
      HuggingFaceViews stated =
          hugging_face_views(processor.settings, config.at("model_type"), processor.file);
      result.statements.merge(stated.statements);
      result.note = stated.note;
    }
  } catch (const nlohmann::json::exception&) {
    fail_data("{} and {} must have values of the kinds that transformers writes. They have not.",
              network.string(), processor.file.string());
  }
  return result;
}

std::optional<fs::path> hugging_face_weights(const fs::path& folder) {
  for (const char* name : weights_names) {
    if (fs::exists(folder / name) && fs::exists(folder / "config.json")) return folder / name;
  }
  return std::nullopt;
}

}  // namespace nolabel
