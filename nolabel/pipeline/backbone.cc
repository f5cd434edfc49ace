#include "nolabel/pipeline/backbone.h"

#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "nolabel/base/code_folders.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

using Metadata = std::map<std::string, std::string>;

constexpr const char* identity_kind = "identity";
constexpr const char* starter_file = "starter.safetensors";

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

const char* stem_name(Stem stem) {
  switch (stem) {
    case Stem::cifar:
      return "cifar";
    case Stem::stl:
      return "stl";
    case Stem::imagenet:
      return "imagenet";
    case Stem::automatic:
      break;  // a backbone that exists has one of the others
  }
  NOLABEL_ASSERT(false);
  return "";
}

// Settles the stem and the image size. Until now the stem is what the first convolution allows at
// the image size, which is 0 when nobody stated it.
void set_stem(Backbone& backbone, const Metadata& metadata) {
  Stem& stem = backbone.settings.stem;
  const bool small = stem != Stem::imagenet;
  if (metadata.contains("stem")) {
    const std::string& name = metadata.at("stem");
    if (small && name == stem_name(Stem::cifar)) {
      stem = Stem::cifar;
    } else if (small && name == stem_name(Stem::stl)) {
      stem = Stem::stl;
    } else if (small || name != stem_name(Stem::imagenet)) {
      fail_data("{} must state a stem that fits its weights. It states \"{}\".",
                backbone.file.string(), name);
    }
  }
  if (backbone.image_size != 0) return;
  backbone.image_size = stem == Stem::imagenet ? 224 : stem == Stem::stl ? 96 : 32;
  if (small && !metadata.contains("stem")) {
    backbone.assumption = format(
        "{} does not say for which size of images it was trained: taken for 32 pixels, as "
        "CIFAR's. --image-size 96 if it was trained on STL-10.",
        backbone.file.string());
  }
}

void set_normalization(Backbone& backbone, const Metadata& metadata) {
  if (metadata.contains("mean") && metadata.contains("std")) {
    backbone.normalize = {numbers(metadata.at("mean")), numbers(metadata.at("std"))};
  } else if (backbone.settings.stem != Stem::cifar) {
    backbone.normalize = imagenet_normalization();
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
  constexpr const char* file = starter_file;
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

bool is_named_backbone(const std::string& name) {
  return name == "starter";
}

Backbone load_backbone(const std::string& name, int image_size) {
  const fs::path file = weights_path(name);
  Backbone backbone = backbone_of(file, read_model_weights(file), image_size);
  if (is_named_backbone(name)) backbone.name = name;
  return backbone;
}

Backbone backbone_of(const fs::path& file, WeightsInFile weights, int image_size) {
  Backbone backbone;
  backbone.file = file;
  const Metadata metadata = metadata_of(file, weights);
  const auto stated = [&metadata, &file](const char* key, int otherwise) {
    return metadata.contains(key) ? stated_number(key, metadata.at(key), file) : otherwise;
  };
  backbone.origin = metadata.contains("description") ? metadata.at("description") : file.string();
  backbone.state = std::move(weights.state);
  if (metadata.contains("kind") && metadata.at("kind") == identity_kind) {
    backbone.settings = {.kind = BackboneKind::identity, .width = stated("width", 0)};
    return backbone;
  }
  backbone.image_size = image_size > 0 ? image_size : stated("image_size", 0);
  backbone.settings = recognise_backbone(backbone.state, backbone.image_size);
  backbone.settings.stem_stride = stated("stem_stride", 1);
  set_stem(backbone, metadata);
  set_normalization(backbone, metadata);
  set_head(backbone);
  return backbone;
}

void write_backbone_metadata(const fs::path& file, const Backbone& backbone) {
  const nlohmann::json json = backbone_metadata(backbone);
  write_file(fs::path(file) += ".backbone.json",
             json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

std::string backbone_name(const Backbone& backbone) {
  const fs::path& file = backbone.file;
  if (file.empty()) return backbone.origin;
  if (file.filename() == starter_file) return "the starter";
  const fs::path stage = fs::absolute(file).parent_path();
  if (file.filename() != "model.pth.tar") return file.filename().string();
  return format("the {} model of {}", stage.filename().string(),
                stage.parent_path().filename().string());
}

std::string backbone_hash(const Backbone& backbone) {
  Metadata statements = backbone_metadata(backbone);
  statements.erase("description");
  return sha256(file_hash(backbone.file) + nlohmann::json(statements).dump());
}

ViewRecipe evaluation_recipe_of(const Backbone& backbone) {
  ViewSettings views;
  views.evaluation_crop_size = backbone.image_size;
  views.evaluation_normalize = backbone.normalize;
  return evaluation_recipe(views);
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

Metadata backbone_metadata(const Backbone& backbone) {
  const BackboneSettings& settings = backbone.settings;
  if (settings.kind == BackboneKind::identity) {
    return {{"kind", identity_kind},
            {"width", std::to_string(settings.width)},
            {"description", backbone.origin}};
  }
  return {{"image_size", std::to_string(backbone.image_size)},
          {"stem", stem_name(settings.stem)},
          {"stem_stride", std::to_string(settings.stem_stride)},
          {"mean", join(backbone.normalize.mean)},
          {"std", join(backbone.normalize.std)},
          {"description", backbone.origin}};
}

}  // namespace nolabel
