#include "nolabel/pipeline/backbone.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "nolabel/backbones/store.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/path_text.h"
#include "nolabel/pipeline/hugging_face.h"
#include "nolabel/pipeline/installed_backbone.h"
#include "nolabel/pipeline/known_weights.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr const char* program_key = "program";  // the file, among the statements

// Backbones that have a name instead of a path.
struct Named {
  const char* name;
  fs::path (*path)();
};
constexpr Named named[] = {{starter_backbone, starter_backbone_path},
                           {photos_backbone, photos_backbone_path}};

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
        "of Hugging Face or timm (config.json beside model.safetensors) or a run with "
        "pretext/model.pth.tar. {} has none.",
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
HuggingFaceStatements statements_of(const fs::path& file, const WeightsInFile& weights) {
  const fs::path beside = fs::path(file) += ".backbone.json";
  if (!fs::exists(beside)) {
    HuggingFaceStatements stated = hugging_face_statements(file);
    Statements statements = weights.metadata;
    statements.merge(stated.statements);
    return {std::move(statements), std::move(stated.note)};
  }
  const auto json = nlohmann::json::parse(read_file(beside), nullptr, false);
  try {
    return {json.get<Statements>(), ""};
  } catch (const nlohmann::json::exception&) {
    fail_data("{} must be a JSON object of texts. It is not.", beside.string());
  }
}

std::string sentences(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + " " + second;
}

// Completes a backbone, whose file and state are there.
void take_recognised(Backbone& backbone, RecognisedBackbone recognised,
                     const Statements& statements, const std::string& note) {
  backbone.network = std::move(recognised.network);
  backbone.labels = std::move(recognised.labels);
  backbone.assumption = sentences(note, recognised.assumption);
  backbone.origin =
      statements.contains("description") ? statements.at("description") : backbone.file.string();
  if (!backbone.network.takes_images()) return;
  backbone.image_size = recognised.views.view_size;
  backbone.normalize = normalization(recognised.views);
  const PictureSize& pictures = recognised.views.pictures;
  if (pictures != picture_size(backbone)) backbone.pictures = pictures;
  backbone.head = projection_head(backbone.state);
}

Backbone weights_backbone(const std::string& name, const FoundBackbone& found,
                          const PublishedBackbone* published, int image_size,
                          const ProgramAccess& programs) {
  WeightsInFile weights = read_model_weights(found.file);
  if (published) {
    for (const auto& [key, value] : statements_of_published(*published)) {
      weights.metadata[key] = value;
    }
  }
  Backbone backbone = backbone_of(found.file, std::move(weights), image_size, programs);
  if (is_backbone_name(name)) backbone.name = name;
  if (published) {
    require_network_of(*published, backbone.network, found.file);
    remember_content(*published, found);
  }
  return backbone;
}

// The file itself is the backbone. It is run now where nobody knows what it gives.
Backbone program_backbone(const fs::path& file, int image_size, const ProgramAccess& programs,
                          const std::optional<KnownProgram>& known) {
  Backbone backbone;
  backbone.file = file;
  const auto [statements, note] = statements_of(file, {});
  const auto recognise = [&](const KnownProgram& program) {
    return recognise_program(program, statements, image_size, file);
  };
  if (known) {
    backbone.program = std::make_shared<BackboneProgram>(file, *known, programs);
    backbone.program->require_content();
  } else {
    const int view_size = recognise({}).views.view_size;
    backbone.program = std::make_shared<BackboneProgram>(file, view_size, programs);
  }
  take_recognised(backbone, recognise(backbone.program->known()), statements, note);
  return backbone;
}

// The program that heads in a file of their own stand on.
std::shared_ptr<const BackboneProgram> stated_program(const BackboneDescription& network,
                                                      const Statements& statements,
                                                      const fs::path& file,
                                                      const ProgramAccess& programs) {
  const auto stated = statements.find(program_key);
  const KnownProgram known = known_program(network);
  if (stated == statements.end() || known.sha256.empty() || known.dimensions == 0) {
    fail_data(
        "{} stands on a program, so program, sha256 and width must be stated beside it. They are "
        "not.",
        file.string());
  }
  if (programs.use == ProgramAccess::Use::never) refuse_program(file, programs.use);
  return std::make_shared<BackboneProgram>(path_from_json(stated->second), known, programs);
}

}  // namespace

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

void require_use_of_program(const Backbone& backbone, const Environment& environment) {
  if (!environment.run_programs || backbone.program) return;
  if (is_program_file(backbone.file)) refuse_program(backbone.file, ProgramAccess::Use::never);
  fail_usage(
      "--run-program must come with a TorchScript program. {} holds weights, which are not run: "
      "leave --run-program out.",
      backbone.file.string());
}

void require_takes_images(const Backbone& backbone) {
  if (backbone.network.takes_images()) return;
  fail_usage(
      "a backbone must be a network for images. {} was made from given features and holds cluster "
      "heads only.",
      backbone.file.string());
}

Backbone load_backbone(const std::string& name, int image_size, const ProgramAccess& programs,
                       const std::optional<KnownProgram>& known) {
  if (known) return program_backbone(name, image_size, programs, known);
  const auto [found, published] = find_weights(name);
  const bool is_program = is_program_file(found.file);
  const bool is_run = programs.use == ProgramAccess::Use::allowed;
  if (is_program && is_run) return program_backbone(found.file, image_size, programs, known);
  if (!is_program) return weights_backbone(name, found, published, image_size, programs);
  try {
    return weights_backbone(name, found, published, image_size, programs);
  } catch (const Error& error) {
    if (error.fault() != Fault::usage && error.fault() != Fault::data) throw;
    refuse_program(found.file, programs.use);
  }
}

Backbone backbone_of(const fs::path& file, WeightsInFile weights, int image_size,
                     const ProgramAccess& programs) {
  Backbone backbone;
  backbone.file = file;
  auto [statements, note] = statements_of(file, weights);
  if (!statements.contains("labels")) {
    if (auto known = known_weights(file)) statements.merge(*known);
  }
  backbone.state = std::move(weights.state);
  take_recognised(backbone, recognise_backbone(backbone.state, statements, image_size, file),
                  statements, sentences(weights.note, note));
  if (backbone.network.is_program()) {
    backbone.program = stated_program(backbone.network, statements, file, programs);
  }
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
  ModelSettings settings{.kind = ModelSettings::Kind::contrastive,
                         .backbone = backbone.network,
                         .program = backbone.program};
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
           .heads = heads,
           .program = backbone.program},
          seed,
          backbone.state};
}

Statements backbone_metadata(const Backbone& backbone) {
  Preprocessing views;
  if (backbone.network.takes_images()) {
    views = preprocessing(backbone.network, backbone.image_size);
    views.pictures = picture_size(backbone);
    NOLABEL_ASSERT(backbone.normalize.mean.size() == 3 && backbone.normalize.std.size() == 3);
    std::ranges::copy(backbone.normalize.mean, views.mean.begin());
    std::ranges::copy(backbone.normalize.std, views.std.begin());
  }
  Statements statements = backbone_statements(backbone.network, views, backbone.labels);
  statements["description"] = backbone.origin;
  if (backbone.program) {
    statements[program_key] = path_to_json(fs::absolute(backbone.program->file()));
  }
  return statements;
}

NormalizeSettings normalization(const Preprocessing& views) {
  return {{views.mean.begin(), views.mean.end()}, {views.std.begin(), views.std.end()}};
}

void resize_views(Backbone& backbone, int image_size) {
  if (backbone.pictures) {
    backbone.pictures = for_other_views(*backbone.pictures, backbone.image_size, image_size);
  }
  backbone.image_size = image_size;
}

PictureSize picture_size(const Backbone& backbone) {
  return backbone.pictures.value_or(picture_size(backbone.network, backbone.image_size));
}

}  // namespace nolabel
