#include "nolabel/pipeline/backbone.h"

#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "nolabel/base/code_folders.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

using Metadata = std::map<std::string, std::string>;

// "0.4914 0.4822 0.4465"
std::string join(const std::vector<float>& values) {
  std::string text;
  for (const float value : values) text += format(text.empty() ? "{:.6g}" : " {:.6g}", value);
  return text;
}

std::vector<float> numbers(const std::string& text) {
  std::istringstream stream(text);
  std::vector<float> values;
  for (float value; stream >> value;) values.push_back(value);
  return values;
}

fs::path weights_path(const std::string& name) {
  if (name == "starter") return starter_backbone_path();
  const fs::path path(name);
  if (fs::is_directory(path)) {
    const fs::path model = path / "pretext" / "model.pth.tar";
    if (fs::exists(model)) return model;
    fail_usage(
        "--backbone must be `starter`, a weights file or a run with pretext/model.pth.tar. "
        "{} has none.",
        name);
  }
  if (!fs::exists(path)) {
    fail_usage(
        "--backbone must be `starter`, a weights file or a run directory. {} does not exist.",
        name);
  }
  return path;
}

// What stands beside the file (FILE.backbone.json of a run's model) or in it.
Metadata metadata_of(const fs::path& file, const WeightsInFile& weights) {
  const fs::path beside = fs::path(file) += ".backbone.json";
  if (!fs::exists(beside)) return weights.metadata;
  const auto json = nlohmann::json::parse(read_file(beside), nullptr, false);
  try {
    return json.get<Metadata>();
  } catch (const nlohmann::json::exception&) {
    fail_data("{} must be a JSON object of texts. It is not.", beside.string());
  }
}

// A whole number that metadata states as text.
int stated_number(const std::string& key, const std::string& text, const fs::path& file) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  fail_data("{} must state {} as a whole number. It states \"{}\".", file.string(), key, text);
}

const at::Tensor* find(const StateDict& state, const std::string& name) {
  for (const NamedTensor& entry : state) {
    if (entry.name == name) return &entry.tensor;
  }
  return nullptr;
}

int default_image_size(Stem stem) {
  switch (stem) {
    case Stem::cifar:
      return 32;
    case Stem::stl:
      return 96;
    case Stem::imagenet:
      return 224;
    case Stem::automatic:
      break;  // a recognised backbone has one of the others
  }
  NOLABEL_ASSERT(false);
  return 0;
}

void set_normalization(Backbone& backbone, const Metadata& metadata) {
  if (metadata.contains("mean") && metadata.contains("std")) {
    backbone.normalize = {numbers(metadata.at("mean")), numbers(metadata.at("std"))};
  } else if (backbone.settings.stem != Stem::cifar) {
    backbone.normalize = {{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};  // ImageNet, STL-10
  }
}

void set_head(Backbone& backbone) {
  if (const at::Tensor* mlp = find(backbone.state, "contrastive_head.2.weight")) {
    backbone.head = HeadKind::mlp;
    backbone.embedding_dimensions = static_cast<int>(mlp->size(0));
  } else if (const at::Tensor* linear = find(backbone.state, "contrastive_head.weight")) {
    backbone.head = HeadKind::linear;
    backbone.embedding_dimensions = static_cast<int>(linear->size(0));
  }
}

}  // namespace

fs::path starter_backbone_path() {
  constexpr const char* file = "starter.safetensors";
  std::vector<fs::path> candidates;
  if (const char* path = std::getenv("NOLABEL_STARTER")) candidates.emplace_back(path);
  for (const fs::path& folder : code_folders()) {
    candidates.push_back(folder.parent_path() / "share" / "nolabel" / file);
    candidates.push_back(folder.parent_path() / "examples" / file);
  }
  std::string places;
  for (const fs::path& candidate : candidates) {
    if (fs::exists(candidate)) return candidate;
    places += (places.empty() ? "" : ", ") + candidate.parent_path().string();
  }
  fail_system(
      "the starter backbone {} is not installed (looked in {}). NOLABEL_STARTER may name it.", file,
      places);
}

Backbone load_backbone(const std::string& name) {
  Backbone backbone;
  backbone.file = weights_path(name);
  WeightsInFile weights = read_model_weights(backbone.file);
  const Metadata metadata = metadata_of(backbone.file, weights);
  const auto stated = [&metadata, &backbone](const char* key, int otherwise) {
    return metadata.contains(key) ? stated_number(key, metadata.at(key), backbone.file) : otherwise;
  };
  backbone.settings = recognise_backbone(weights.state, stated("image_size", 0));
  backbone.settings.stem_stride = stated("stem_stride", 1);
  backbone.image_size = stated("image_size", default_image_size(backbone.settings.stem));
  backbone.state = std::move(weights.state);
  set_normalization(backbone, metadata);
  set_head(backbone);
  backbone.origin =
      metadata.contains("description") ? metadata.at("description") : backbone.file.string();
  return backbone;
}

Model contrastive_model(const Backbone& backbone, uint64_t seed) {
  ModelSettings settings{.kind = ModelSettings::Kind::contrastive, .backbone = backbone.settings};
  if (backbone.head) {
    settings.head = *backbone.head;
    settings.embedding_dimensions = backbone.embedding_dimensions;
  }
  Model model(settings, seed);
  if (backbone.head) {
    model.load_state_dict(backbone.state);
  } else {
    model.load_backbone(backbone.state);
  }
  return model;
}

Model clustering_model(const Backbone& backbone, int clusters, int heads, uint64_t seed) {
  Model model({.kind = ModelSettings::Kind::clustering,
               .backbone = backbone.settings,
               .clusters = clusters,
               .heads = heads},
              seed);
  model.load_backbone(backbone.state);
  return model;
}

Metadata backbone_metadata(const BackboneSettings& settings, int image_size,
                           const NormalizeSettings& normalize) {
  return {{"image_size", std::to_string(image_size)},
          {"stem_stride", std::to_string(settings.stem_stride)},
          {"mean", join(normalize.mean)},
          {"std", join(normalize.std)}};
}

}  // namespace nolabel
