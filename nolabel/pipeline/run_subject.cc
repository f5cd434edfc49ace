#include "nolabel/pipeline/run_subject.h"

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/pipeline/pretext_import.h"
#include "nolabel/pipeline/training_images.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// The option if it is given, else what the run remembers.
fs::path given_or(const std::string& given, const fs::path& remembered) {
  return given.empty() ? remembered : fs::absolute(given).lexically_normal();
}

bool gives(const Schema& schema, const std::string& name) {
  return schema.find(name) && schema.is_set(name);
}

// The run's own pretext model, or of its SCAN model, where the user names none.
fs::path own_backbone(const RunDirectory& run, BackboneOfScan of_scan,
                      const Environment& environment) {
  if (fs::exists(run.model("pretext"))) return run.path();
  if (of_scan == BackboneOfScan::allowed && fs::exists(run.model("scan"))) {
    environment.observer.note(
        format("the run has no pretext model, so nolabel uses the backbone of {}",
               run.model("scan").string()));
    return run.model("scan");
  }
  fail_usage(
      "a backbone is required. {} does not exist; run `nolabel simclr` first, or name one with "
      "--backbone (`photos`, `starter`, one that `nolabel backbone list` shows, or a file).",
      run.model("pretext").string());
}

// How later commands find a backbone of this name; see RunState::Backbone::name.
std::string remembered_name(const RunDirectory& run, const fs::path& name) {
  if (is_backbone_name(name.string())) return name.string();
  std::error_code none;  // what does not exist is not this run's
  const bool own =
      fs::equivalent(name, run.path(), none) || fs::equivalent(name, run.model("pretext"), none);
  return own ? "" : fs::absolute(name).lexically_normal().string();
}

}  // namespace

Backbone load_backbone_of_run(const std::string& name, int image_size, bool is_named,
                              const RunState& state, ProgramAccess programs,
                              const Environment& environment) {
  if (is_named) {
    Backbone backbone = load_backbone(name, image_size, programs);
    require_use_of_program(backbone, environment);
    return backbone;
  }
  // What the run took the weights of stays weights, also where programs may run.
  const bool is_of_weights =
      !state.backbone.program && fs::is_regular_file(name) && is_program_file(name);
  if (is_of_weights) programs.use = ProgramAccess::Use::refused;
  return load_backbone(name, image_size, programs, state.backbone.program);
}

void declare(SettingTables& tables, SubjectRequest& request) {
  Schema& schema = tables.options;
  schema.add(
      "backbone", &request.backbone,
      "a name (`photos`, `starter`, or one that `nolabel backbone list` shows), a weights file, "
      "a TorchScript program (with --run-program) or a run directory; unset: this run's pretext "
      "model");
  schema.add("image_size", &request.image_size, {.low = 0, .high = 1024},
             "side of the views in pixels; 0: the size that the backbone was trained on");
  schema.add("features", &request.features,
             "work on these embeddings (.npy, [N,D]) instead of images");
  schema.add("paths", &request.paths, "names of the rows of --features (CSV: path[,label])");
  for (const char* name : {"backbone", "features", "paths"}) schema.path(name);
}

AskedViews asked_views(const SettingTables& tables, int image_size, const ViewSettings& views) {
  AskedViews asked{.image_size = image_size, .normalize = std::nullopt};
  const Schema& settings = tables.settings;
  if (gives(settings, "transformation_kwargs.crop_size") && !gives(tables.options, "image_size")) {
    asked.image_size = views.evaluation_crop_size;
  }
  if (gives(settings, "transformation_kwargs.normalize.mean") ||
      gives(settings, "transformation_kwargs.normalize.std")) {
    evaluation_recipe(views);  // refuses lists of a wrong length
    asked.normalize = views.evaluation_normalize;
  }
  return asked;
}

void require_features_alone(const SettingTables& tables, const RunRequest& request) {
  if (!request.data.empty()) {
    fail_usage("either DATA or --features must be given, not both. Received {} and --features.",
               request.data.front());
  }
  Schema images;
  DataSettings unused;
  declare(images, unused);
  std::vector<std::string> of_images = {"backbone", "image_size"};
  for (const Setting& setting : images.settings()) of_images.push_back(setting.name);
  for (const std::string& name : of_images) {
    if (name == "hold_out" || name == "split_seed") continue;  // rows can be set aside, too
    if (!gives(tables.options, name) && !gives(tables.settings, name)) continue;
    fail_usage(
        "{} cannot be used with --features, because a backbone has already made the features.",
        name);
  }
}

Subject load_features(SettingTables& tables, RunRequest& request, const SubjectRequest& wanted,
                      RunDirectory& run, const Environment& environment) {
  RunState& state = run.state();
  const fs::path features = given_or(wanted.features, state.features);
  take_remembered_images(tables, request, state, environment);
  const fs::path paths = given_or(wanted.paths, state.paths);
  // The published program knows no features of other models: whatever they are, their scale and
  // mean must not matter.
  constexpr const char* normalization = "feature_normalization";
  if (tables.settings.find(normalization)) {
    tables.settings.suggest(normalization, "auto", "--features");
  }
  Subject subject = feature_subject(features, paths, request.images, environment.observer);
  state.features = features;
  state.paths = paths;
  state.data.clear();
  state.root.reset();
  state.images = request.images;
  state.backbone = {};
  state.backbone.origin = subject.backbone.origin;
  state.backbone.hash = subject.backbone_hash;
  return subject;
}

void remember_backbone(RunDirectory& run, const Subject& subject, const fs::path& name,
                       const AskedViews& views) {
  const RunState::Backbone was = run.state().backbone;
  run.state().backbone = {.name = name.empty() ? "" : remembered_name(run, name),
                          .origin = subject.backbone.origin,
                          .hash = subject.backbone_hash,
                          .warning = was.hash == subject.backbone_hash ? was.warning : "",
                          .image_size = views.image_size,
                          .normalize = views.normalize,
                          .program = {},
                          .start = was.hash == subject.backbone_hash ? was.start : std::nullopt};
  // Heads that stand on a program name it themselves.
  const auto& program = subject.backbone.program;
  if (program && program->file() == subject.backbone.file) {
    run.state().backbone.program = program->known();
  }
}

std::optional<AskedViews> views_of_same_backbone(const std::string& name, const RunState& state) {
  const RunState::Backbone& was = state.backbone;
  const AskedViews asked{.image_size = was.image_size, .normalize = was.normalize};
  if (asked.image_size == 0 && !asked.normalize) return std::nullopt;
  if (is_backbone_name(name) || was.name.empty()) {
    return name == was.name ? std::optional(asked) : std::nullopt;
  }
  if (fs::absolute(name).lexically_normal() == was.name) return asked;
  bool is_same = false;
  if (was.program) {
    is_same = fs::is_regular_file(name) && file_hash(name) == was.program->sha256;
  } else {
    Backbone seen = load_backbone(name);
    if (asked.image_size > 0) resize_views(seen, asked.image_size);
    if (asked.normalize) seen.normalize = *asked.normalize;
    is_same = backbone_hash(seen) == was.hash;
  }
  return is_same ? std::optional(asked) : std::nullopt;
}

void remember_start(RunDirectory& run, const fs::path& name, int image_size) {
  const std::string remembered = name.empty() ? "" : remembered_name(run, name);
  if (!name.empty() && remembered.empty()) return;  // it is the model that was trained further
  run.state().backbone.start = {.name = remembered, .image_size = image_size};
}

Subject load_subject(SettingTables& tables, RunRequest& request, const SubjectRequest& wanted,
                     const AskedViews& views, BackboneOfScan of_scan, RunDirectory& run,
                     Environment& environment, Opening opening) {
  RunState& state = run.state();
  if (!wanted.features.empty()) require_features_alone(tables, request);
  const bool images_given = !request.data.empty() || !wanted.backbone.empty();
  const fs::path features = images_given ? fs::path() : given_or(wanted.features, state.features);
  if (!features.empty()) {
    return load_features(tables, request, wanted, run, environment);
  }
  if (!wanted.paths.empty()) {
    fail_usage("--paths names the rows of --features. Give --features, too.");
  }
  data_of_run(request, run, environment.observer);  // one that knows no images is refused first
  if (wanted.backbone.empty()) adopt_pretext_checkpoint(run, Adopt::any, environment);
  fs::path name = is_backbone_name(wanted.backbone)
                      ? fs::path(wanted.backbone)
                      : given_or(wanted.backbone, state.backbone.name);
  if (name.empty()) name = own_backbone(run, of_scan, environment);
  const bool is_of_scan = name == run.model("scan");

  AskedViews asked = views;
  if (views.image_size == 0 && !views.normalize) {
    asked = wanted.backbone.empty()
                ? AskedViews{state.backbone.image_size, state.backbone.normalize}
                : views_of_same_backbone(wanted.backbone, state).value_or(views);
  }
  Backbone backbone =
      load_backbone_of_run(name.string(), asked.image_size, !wanted.backbone.empty(), state,
                           program_access(environment), environment);
  require_takes_images(backbone);
  if (!backbone.assumption.empty()) environment.observer.note(backbone.assumption);
  check_network(request.config, backbone);
  if (asked.normalize) backbone.normalize = *asked.normalize;
  RunImages images =
      load_images_of_run(tables, request, run, picture_size(backbone), environment, opening);
  Subject subject =
      image_subject(std::move(images), std::move(backbone), run.features(), environment);
  select_training_images(subject, run.path(), environment);
  subject.backbone_of_scan = is_of_scan;
  remember_backbone(run, subject, is_of_scan ? fs::path() : name, asked);
  return subject;
}

}  // namespace nolabel
