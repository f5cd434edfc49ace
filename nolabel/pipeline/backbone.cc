#include "nolabel/pipeline/backbone.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <vector>

#include "nolabel/backbones/store.h"
#include "nolabel/base/code_folders.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/pipeline/hugging_face.h"
#include "nolabel/pipeline/known_weights.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

// Backbones that have a name instead of a path.
struct Named {
  const char* name;
  fs::path (*path)();
};
constexpr Named named[] = {{starter_backbone, starter_backbone_path},
                           {photos_backbone, photos_backbone_path}};

// A file that is installed with nolabel.
struct InstalledFile {
  const char* name;
  const char* variable;      // of the environment, which may name it
  const char* source_place;  // in the source tree
};
constexpr InstalledFile starter_file{"starter.safetensors", "NOLABEL_STARTER", "examples"};
constexpr InstalledFile photos_file{"efficientnet-lite0.pth", "NOLABEL_PHOTOS", ".deps/photos"};

// Where it may lie, in the order of preference.
std::vector<fs::path> places_of(const InstalledFile& file) {
  std::vector<fs::path> places;
  if (const char* path = std::getenv(file.variable)) places.emplace_back(path);
  for (const fs::path& folder : code_folders()) {
    places.push_back(folder.parent_path() / "share" / "nolabel" / file.name);
    places.push_back(folder.parent_path() / file.source_place / file.name);
  }
  return places;
}

std::optional<fs::path> find_installed(const InstalledFile& file) {
  for (const fs::path& place : places_of(file)) {
    if (fs::exists(place)) return place;
  }
  return std::nullopt;
}

std::string folders_of(const InstalledFile& file) {
  std::string folders;
  for (const fs::path& place : places_of(file)) {
    folders += (folders.empty() ? "" : ", ") + place.parent_path().string();
  }
  return folders;
}

// Weights, and what is known of them where they are published ones.
struct FoundWeights {
  FoundBackbone found;
  const PublishedBackbone* published = nullptr;
};
FoundWeights published_weights(const PublishedBackbone& published) {
  const std::optional<FoundBackbone> found = find_on_disk(published);
  if (!found) {
    fail_system(
        "{} is not on this machine. Run `nolabel backbone get {}` ({}, {}), or place {} in {} by "
        "hand.",
        published.name, published.name, size_text(published), published.licence, published.file(),
        (backbone_folder() / published.name).string());
  }
  require_known_content(published, *found);
  return {*found, &published};
}

FoundWeights find_weights(const std::string& name) {
  for (const Named& one : named) {
    if (name == one.name) return {{one.path(), ""}};
  }
  if (const PublishedBackbone* published = find_published(name)) {
    return published_weights(*published);
  }
  const fs::path path(name);
  if (fs::is_directory(path)) {
    const fs::path model = path / "pretext" / "model.pth.tar";
    if (fs::exists(model)) return {{model, ""}};
    if (const auto weights = hugging_face_weights(path)) return {{*weights, ""}};
    fail_usage(
        "--backbone must be a name (`nolabel backbone list` shows them), a weights file, a folder "
        "of "
        "Hugging Face (config.json beside model.safetensors) or a run with pretext/model.pth.tar. "
        "{} "
        "has none.",
        name);
  }
  if (!fs::exists(path)) {
    fail_usage(
        "--backbone must be a name (`nolabel backbone list` shows them), a weights file or a run "
        "directory. {} does not exist.",
        name);
  }
  return {{path, ""}};
}

// What stands beside the file (FILE.backbone.json of a run's model, or Hugging Face's
// configurations) or in it.
Statements statements_of(const fs::path& file, const WeightsInFile& weights) {
  const fs::path beside = fs::path(file) += ".backbone.json";
  if (!fs::exists(beside)) {
    Statements statements = weights.metadata;
    statements.merge(hugging_face_statements(file));
    return statements;
  }
  const auto json = nlohmann::json::parse(read_file(beside), nullptr, false);
  try {
    return json.get<Statements>();
  } catch (const nlohmann::json::exception&) {
    fail_data("{} must be a JSON object of texts. It is not.", beside.string());
  }
}

std::string sentences(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + " " + second;
}

}  // namespace

fs::path starter_backbone_path() {
  if (const auto path = find_installed(starter_file)) return *path;
  fail_system(
      "the starter backbone {} is not installed (looked in {}). Name its file in NOLABEL_STARTER.",
      starter_file.name, folders_of(starter_file));
}

std::optional<fs::path> find_photos_backbone() {
  return find_installed(photos_file);
}

fs::path photos_backbone_path() {
  if (const auto path = find_photos_backbone()) return *path;
  fail_system(
      "the backbone for photos {} is not installed (looked in {}). Run tools/setup.sh to fetch the "
      "backbone, or name its file in NOLABEL_PHOTOS.",
      photos_file.name, folders_of(photos_file));
}

void require_network_of(const PublishedBackbone& published, const BackboneDescription& network,
                        const fs::path& file) {
  const BackboneDescription whole = completed(network);
  bool is_the_same = whole.architecture == published.architecture;
  for (const auto& [name, value] : published.parameters) {
    is_the_same =
        is_the_same && whole.parameters.contains(name) && whole.parameters.at(name) == value;
  }
  if (is_the_same) return;
  fail_data("{} must hold {}. It holds another network: {}.", file.string(), published.summary,
            describe(network));
}

bool is_backbone_name(const std::string& name) {
  return find_published(name) != nullptr ||
         std::ranges::any_of(named, [&name](const Named& one) { return name == one.name; });
}

void require_takes_images(const Backbone& backbone) {
  if (backbone.network.takes_images()) return;
  fail_usage(
      "a backbone must be a network for images. {} was made from given features and holds cluster "
      "heads only.",
      backbone.file.string());
}

Backbone load_backbone(const std::string& name, int image_size) {
  const auto [found, published] = find_weights(name);
  WeightsInFile weights = read_model_weights(found.file);
  if (published) {
    for (const auto& [key, value] : statements_of_published(*published)) {
      weights.metadata[key] = value;
    }
  }
  Backbone backbone = backbone_of(found.file, std::move(weights), image_size);
  if (is_backbone_name(name)) backbone.name = name;
  if (published) {
    require_network_of(*published, backbone.network, found.file);
    remember_content(*published, found);
  }
  return backbone;
}

Backbone backbone_of(const fs::path& file, WeightsInFile weights, int image_size) {
  Backbone backbone;
  backbone.file = file;
  Statements statements = statements_of(file, weights);
  if (!statements.contains("labels")) {
    if (auto known = known_weights(file)) statements.merge(*known);
  }
  backbone.state = std::move(weights.state);
  RecognisedBackbone recognised = recognise_backbone(backbone.state, statements, image_size, file);
  backbone.network = std::move(recognised.network);
  backbone.labels = std::move(recognised.labels);
  backbone.assumption = sentences(weights.note, recognised.assumption);
  backbone.origin =
      statements.contains("description") ? statements.at("description") : file.string();
  if (!backbone.network.takes_images()) return backbone;
  backbone.image_size = recognised.views.view_size;
  backbone.normalize = normalization(recognised.views);
  backbone.head = projection_head(backbone.state);
  return backbone;
}

std::string labels_text(const std::string& labels) {
  if (labels.empty()) return "";
  if (labels == labels_none) return "The backbone was trained without labels.";
  if (labels == labels_captions) {
    return "The backbone was trained with the captions of its images, which name what they show. "
           "No "
           "label of these images was used. Do not compare figures of this backbone with figures "
           "of "
           "training without texts and labels.";
  }
  return format(
      "The backbone was trained with the labels of {}. No label of these images was used. Do not "
      "compare figures of this backbone with figures of label-free training.",
      labels == labels_imagenet ? "ImageNet" : labels);
}

void write_backbone_metadata(const fs::path& file, const Backbone& backbone) {
  const nlohmann::json json = backbone_metadata(backbone);
  write_file(fs::path(file) += ".backbone.json",
             json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

std::string backbone_name(const Backbone& backbone) {
  const fs::path& file = backbone.file;
  if (file.empty()) return backbone.origin;
  if (!backbone.name.empty()) return backbone.name;
  const fs::path stage = fs::absolute(file).parent_path();
  if (file.filename() != "model.pth.tar") return file.filename().string();
  return format("the {} model of {}", stage.filename().string(),
                stage.parent_path().filename().string());
}

std::string backbone_hash(const Backbone& backbone) {
  const Statements statements = statements_beside_weights(backbone_metadata(backbone));
  return sha256(file_hash(backbone.file) + nlohmann::json(statements).dump());
}

ViewRecipe evaluation_recipe_of(const Backbone& backbone) {
  ViewSettings views;
  views.evaluation_crop_size = backbone.image_size;
  views.evaluation_normalize = backbone.normalize;
  return evaluation_recipe(views);
}

Model contrastive_model(const Backbone& backbone, uint64_t seed) {
  ModelSettings settings{.kind = ModelSettings::Kind::contrastive, .backbone = backbone.network};
  if (backbone.head) {
    settings.head = backbone.head->kind;
    settings.embedding_dimensions = backbone.head->dimensions;
  }
  Model model(settings, seed, backbone.state);
  if (backbone.head) model.load_state_dict(backbone.state);
  return model;
}

Model clustering_model(const Backbone& backbone, int clusters, int heads, uint64_t seed) {
  return {{.kind = ModelSettings::Kind::clustering,
           .backbone = backbone.network,
           .clusters = clusters,
           .heads = heads},
          seed,
          backbone.state};
}

Statements backbone_metadata(const Backbone& backbone) {
  Preprocessing views;
  if (backbone.network.takes_images()) {
    views = preprocessing(backbone.network, backbone.image_size);
    NOLABEL_ASSERT(backbone.normalize.mean.size() == 3 && backbone.normalize.std.size() == 3);
    std::ranges::copy(backbone.normalize.mean, views.mean.begin());
    std::ranges::copy(backbone.normalize.std, views.std.begin());
  }
  Statements statements = backbone_statements(backbone.network, views, backbone.labels);
  statements["description"] = backbone.origin;
  return statements;
}

NormalizeSettings normalization(const Preprocessing& views) {
  return {{views.mean.begin(), views.mean.end()}, {views.std.begin(), views.std.end()}};
}

PictureSize picture_size(const Backbone& backbone) {
  return picture_size(backbone.network, backbone.image_size);
}

}  // namespace nolabel
