#include "cli/run_subject.h"

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/pipeline/pretext_import.h"

namespace nolabel::cli {
namespace {

namespace fs = std::filesystem;

// The option if it was given, else what run.json remembers under `key`, else `otherwise`.
fs::path given_or_remembered(const std::string& given, const RunDirectory& run, const char* key,
                             const fs::path& otherwise) {
  if (!given.empty()) return fs::absolute(given);
  const std::string remembered = text_of(run.description(), key, "");
  return remembered.empty() ? otherwise : path_from_json(remembered);
}

// As an earlier command was told; 0: it was told nothing.
int remembered_image_size(const RunDirectory& run) {
  const nlohmann::json& description = run.description();
  if (!description.contains("image_size")) return 0;
  if (!description["image_size"].is_number_integer()) {
    fail_data("run.json must have image_size as a whole number.");
  }
  return description["image_size"];
}

bool gives(const Schema& schema, const std::string& name) {
  return schema.find(name) && schema.is_set(name);
}

NormalizeSettings normalize_from_json(const nlohmann::json& json) {
  try {
    return {json.at("mean").get<std::vector<float>>(), json.at("std").get<std::vector<float>>()};
  } catch (const nlohmann::json::exception&) {
    fail_data("run.json must have normalize as mean and std, lists of numbers.");
  }
}

std::optional<NormalizeSettings> remembered_normalize(const RunDirectory& run) {
  const nlohmann::json& description = run.description();
  if (!description.contains("normalize")) return std::nullopt;
  return normalize_from_json(description["normalize"]);
}

nlohmann::json to_json(const std::optional<NormalizeSettings>& normalize) {
  if (!normalize) return nullptr;
  return {{"mean", normalize->mean}, {"std", normalize->std}};
}

}  // namespace

void take_evaluation_views(SubjectOptions& options, const ViewSettings& views,
                           const CommandLine& line) {
  const Schema& settings = line.settings();
  if (settings.is_set("transformation_kwargs.crop_size") && !line.options().is_set("image_size")) {
    options.image_size = views.evaluation_crop_size;
  }
  if (settings.is_set("transformation_kwargs.normalize.mean") ||
      settings.is_set("transformation_kwargs.normalize.std")) {
    evaluation_recipe(views);  // refuses lists of a wrong length
    options.normalize = views.evaluation_normalize;
  }
}

void declare(Schema& schema, SubjectOptions& options) {
  schema.add(
      "backbone", &options.backbone,
      "a weights file, a run directory, `starter` or `photos`; unset: this run's pretext model");
  schema.add("image_size", &options.image_size, {.low = 0, .high = 1024},
             "side of the views in pixels; 0: what the backbone was trained on");
  schema.add("features", &options.features,
             "work on these embeddings (.npy, [N,D]) instead of images");
  schema.add("paths", &options.paths, "names of their rows (CSV: path[,label])");
}

void require_features_alone(const CommandLine& line, const RunOptions& options) {
  if (!options.data.empty()) {
    fail_usage("either DATA or --features must be given, not both. Received {} and --features.",
               options.data.front());
  }
  Schema images;
  DataSettings unused;
  declare(images, unused);
  std::vector<std::string> of_images = {"backbone", "image_size"};
  for (const Setting& setting : images.settings()) of_images.push_back(setting.name);
  for (const std::string& name : of_images) {
    if (!gives(line.options(), name) && !gives(line.settings(), name)) continue;
    fail_usage("--features are what a backbone made of images: {} says nothing about them.", name);
  }
}

Subject load_subject(const CommandLine& line, RunOptions& options, const SubjectOptions& wanted,
                     RunDirectory& run, const Environment& environment) {
  if (!wanted.features.empty()) require_features_alone(line, options);
  const bool images_given = !options.data.empty() || !wanted.backbone.empty();
  const fs::path features =
      images_given ? "" : given_or_remembered(wanted.features, run, "features", "");
  if (!features.empty()) {
    const fs::path paths = given_or_remembered(wanted.paths, run, "paths", "");
    Subject subject = feature_subject(features, paths);
    run.describe({{"features", path_to_json(features)}, {"paths", path_to_json(paths)}});
    return subject;
  }
  if (!wanted.paths.empty()) fail_usage("--paths names the rows of --features, which are missing.");
  data_of_run(options, run, environment.observer);  // one that knows no images is refused first
  if (wanted.backbone.empty()) adopt_pretext_checkpoint(run, Adopt::any, environment);
  fs::path name = is_backbone_name(wanted.backbone)
                      ? fs::path(wanted.backbone)
                      : given_or_remembered(wanted.backbone, run, "backbone_file", run.path());
  const bool no_pretext = name == run.path() && !fs::exists(run.model("pretext"));
  const bool of_scan = no_pretext && wanted.backbone_of_scan && fs::exists(run.model("scan"));
  if (of_scan) {
    name = run.model("scan");
    environment.observer.note(
        format("{}: its backbone is taken, there is no pretext model", name.string()));
  } else if (no_pretext) {
    fail_usage(
        "a backbone is required. {} does not exist; run `nolabel simclr` first, or name "
        "one with --backbone.",
        run.model("pretext").string());
  }
  const bool same_backbone = wanted.backbone.empty() && wanted.image_size == 0 && !wanted.normalize;
  const int image_size = same_backbone ? remembered_image_size(run) : wanted.image_size;
  Backbone backbone = load_backbone(name.string(), image_size);
  if (!backbone.assumption.empty()) environment.observer.note(backbone.assumption);
  check_network(options.config, backbone);
  const auto normalize = same_backbone ? remembered_normalize(run) : wanted.normalize;
  if (normalize) backbone.normalize = *normalize;
  RunImages images = load_images_of_run(line, options, run, picture_size(backbone), environment);
  run.describe(describe_backbone(run, of_scan ? run.path() : name));
  run.describe({{"features", nullptr},
                {"image_size", image_size > 0 ? nlohmann::json(image_size) : nlohmann::json()},
                {"normalize", to_json(normalize)}});
  Subject subject =
      image_subject(std::move(images), std::move(backbone), run.features(), environment);
  subject.backbone_of_scan = of_scan;
  return subject;
}

}  // namespace nolabel::cli
