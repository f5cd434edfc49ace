#include "nolabel/pipeline/embed_call.h"

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/pipeline/cluster_backbone.h"
#include "nolabel/pipeline/feature_cache.h"
#include "nolabel/pipeline/run_images.h"
#include "nolabel/processor/computing.h"
#include "nolabel/record/unsaved_work.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

Environment environment_of(const EmbedRequest& request, const Observer& observer) {
  Environment environment = make_environment(request.compute, observer);
  environment.cache_directory = shared_cache_directory();
  return environment;
}

EmbeddingModel ready(const Backbone& backbone, Environment environment) {
  require_takes_images(backbone);
  require_use_of_program(backbone, environment);
  constexpr int least_clusters = 2;  // a model has so many; only the backbone works here
  Model model = clustering_model(backbone, least_clusters, 1, environment.seed);
  model.place(environment.device, environment.precision);
  return {.environment = std::move(environment),
          .model = std::move(model),
          .view = evaluation_recipe_of(backbone),
          .pictures = picture_size(backbone),
          .origin = backbone.origin,
          .labels = backbone.labels};
}

std::vector<fs::path> paths_of(const EmbedRequest& request) {
  if (request.data.empty()) fail_usage("images must name folders, pictures or list files.");
  return {request.data.begin(), request.data.end()};
}

Backbone chosen_backbone(const EmbedRequest& request, const Environment& environment) {
  if (!request.backbone.empty()) {
    return load_backbone(request.backbone, request.image_size, program_access(environment));
  }
  SubjectRequest wanted;
  wanted.image_size = request.image_size;
  const SeenSizes sizes = look_at_sizes(paths_of(request), request.images, environment);
  BackboneChoice choice =
      find_backbone(wanted, std::nullopt, sizes, {.offline = true}, environment.observer);
  environment.observer.note(choice.announcement());
  return std::move(choice.backbone);
}

}  // namespace

void declare(SettingTables& tables, EmbedRequest& request) {
  tables.options.add("backbone", &request.backbone,
                     "a name (`nolabel backbone list` shows them), a weights file, a TorchScript "
                     "program (with run_program) or a run directory; unset: `photos` if most "
                     "images are larger than 64 pixels, otherwise `starter`");
  tables.options.path("backbone");
  tables.options.add("image_size", &request.image_size, {.low = 0, .high = 1024},
                     "side of the views in pixels; 0: the size that the backbone was trained on");
  declare_consent(tables.options, request.compute);
  declare(tables.settings, request.images);
  declare(tables.settings, request.compute);
}

EmbeddingModel open_embedding_model(const EmbedRequest& request, const Observer& observer) {
  Environment environment = environment_of(request, observer);
  if (request.backbone.empty()) fail_usage("backbone must be a name or a file. It is empty.");
  const Backbone backbone = chosen_backbone(request, environment);
  return ready(backbone, std::move(environment));
}

at::Tensor embed(EmbeddingModel& embedding, const Dataset& dataset, const Observer& observer) {
  const Environment& environment = embedding.environment;
  BankOptions options = plain_options(embedding.view, environment, BankOptions{}.purpose);
  const int64_t dimensions = embedding.model.dimensions();
  const auto bytes = sizeof(float) * static_cast<uint64_t>(dataset.size() * dimensions);
  const auto known = open_feature_cache(maker_of(embedding.model, options, environment), dimensions,
                                        bytes, environment);
  options.known = known.get();
  const bool saves = known != nullptr;
  at::Tensor features;
  run_unsaved(
      options.purpose, Ended::lost, observer,
      [&](const Observer& inner) { features = extract(embedding.model, dataset, options, inner); },
      &saves);
  return features;
}

EmbedOutcome embed(const EmbedRequest& request, const Observer& observer) {
  Environment environment = environment_of(request, observer);
  const Computing computing(environment.threads);
  const Backbone backbone = chosen_backbone(request, environment);
  EmbeddingModel embedding = ready(backbone, std::move(environment));
  std::optional<TemporaryDirectory> temporary;
  fs::path cache = request.images.cache.directory;
  if (cache.empty()) cache = embedding.environment.cache_directory;
  if (cache.empty()) cache = temporary.emplace().path();
  EmbedOutcome outcome{
      .images = load_images(
          paths_of(request),
          load_options(request.images, embedding.pictures, cache, embedding.environment), observer),
      .features = {},
      .backbone = embedding.origin,
      .backbone_labels = embedding.labels};
  for (const SkippedImage& image : outcome.images.skipped) {
    observer.warn(format("skipped {}: {}", image.name, image.reason));
  }
  outcome.features = embed(embedding, outcome.images.dataset, observer);
  return outcome;
}

}  // namespace nolabel
