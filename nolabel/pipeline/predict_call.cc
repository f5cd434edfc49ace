#include "nolabel/pipeline/predict_call.h"

#include <algorithm>
#include <map>

#include "nolabel/base/error.h"
#include "nolabel/base/output_place.h"
#include "nolabel/pipeline/found_clusters.h"
#include "nolabel/pipeline/predict_features.h"
#include "nolabel/processor/computing.h"
#include "nolabel/run/run_state.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// How the run keeps and sees pixels, for settings that the user left alone.
void take_from_run(SettingTables& tables, PredictRequest& request) {
  if (!fs::is_directory(request.run)) return;
  const RunState state = read_run_state(request.run);
  if (!state.precision.empty()) {
    tables.options.suggest("precision", state.precision, "run.json");
  }
  if (state.data.empty()) return;
  request.settings.reduced_decode = state.images.reduced_decode;
  if (!tables.options.is_set("cache_format")) {
    request.settings.cache.format = state.images.cache.format;
  }
}

void check_subject(const PredictRequest& request) {
  if (request.images.empty() && request.features.empty()) {
    fail_usage("IMAGES are required: folders, pictures or list files. None is given.");
  }
  if (!request.images.empty() && !request.features.empty()) {
    fail_usage("either IMAGES or --features must be given, not both.");
  }
  if (request.features.empty() && !request.paths.empty()) {
    fail_usage("--paths names the rows of --features. Give --features, too.");
  }
  if (request.sort_into.empty() && (request.copy || request.relative_links)) {
    fail_usage("--copy and --relative-links can be given only with --sort-into.");
  }
  if (request.copy && request.relative_links) {
    fail_usage("--sort-into makes copies or links. Received --copy and --relative-links.");
  }
  if (!request.save_probabilities.empty()) check_output(request.save_probabilities);
  if (!request.sort_into.empty()) {
    check_output_folder(request.sort_into);
    check_sorted_folder(request.sort_into);
  }
}

// Images that a person has moved are where the person put them, under whatever name they come.
void follow_person(Prediction& prediction, const fs::path& run) {
  const RunState state = read_run_state(run);
  const std::optional<EditedClusters> edited = edited_clusters(run, state);
  const std::optional<FoundClusters> found = read_found_clusters(run);
  if (!edited || !found) return;
  std::map<ContentId, int> moved;
  for (size_t i = 0; i < edited->fixed.size(); ++i) {
    if (edited->fixed[i]) moved[found->contents[i]] = edited->cluster_of[i];
  }
  for (size_t i = 0; i < prediction.contents.size(); ++i) {
    const auto known = moved.find(prediction.contents[i]);
    if (known == moved.end()) continue;
    const auto column = index_of(prediction.identities, known->second);
    float* row = prediction.probabilities.row(static_cast<int64_t>(i));
    std::fill_n(row, prediction.probabilities.columns, 0.f);
    row[column.value()] = 1;
  }
  prediction.assignments = assign(prediction.probabilities);
}

SortedAs sorted_as(const PredictRequest& request) {
  if (request.copy) return SortedAs::copies;
  return request.relative_links ? SortedAs::relative_links : SortedAs::absolute_links;
}

}  // namespace

void declare(SettingTables& tables, PredictRequest& request) {
  Schema& options = tables.options;
  options.add(
      "features", &request.features,
      "embeddings (.npy, [N,D]) instead of images, for a run that was made from embeddings");
  options.add("paths", &request.paths, "names of the rows of --features (CSV: path[,label])");
  options.add("sort_into", &request.sort_into,
              "also put a link to every image into DIR/<cluster>/; this replaces the links and "
              "copies of an earlier sort into DIR");
  options.add(
      "relative_links", &request.relative_links,
      "make relative links with --sort-into, so that DIR and the images can be moved together");
  options.add("copy", &request.copy, "copies instead of links for --sort-into");
  options.add(
      "model", &request.model,
      "kmeans, consensus, communities, scan, selflabel or final (the model that the run chose)");
  options.add("save_probabilities", &request.save_probabilities,
              "write the probabilities [N,C] to this .npy file");
  options.add("image_size", &request.image_size, {.low = 0, .high = 1024},
              "side of the views in pixels; 0: the size that the model was trained on");
  options.add("memory", &request.settings.memory_mb, {.low = 1},
              "megabytes of pixels kept in memory; more goes to a cache file");
  declare(options, request.settings.cache, "a temporary folder, removed at the end");
  options.add("strict", &request.settings.strict, "stop at a file that cannot be read as an image");
  for (const char* name : {"features", "paths", "sort_into", "save_probabilities"}) {
    options.path(name);
  }
  declare_consent(options, request.compute);
  declare(options, request.compute);
}

PredictionModel open_prediction_model(SettingTables& tables, PredictRequest& request,
                                      const Observer& observer) {
  take_from_run(tables, request);
  const Environment environment = make_environment(request.compute, observer);
  const Computing computing(environment.threads);
  const auto load = request.features.empty() ? load_image_model : load_trained_model;
  return {.environment = environment,
          .trained = load(request.run, request.model, request.image_size, environment),
          .settings = request.settings};
}

PredictOutcome predict(SettingTables& tables, PredictRequest& request, const Observer& observer) {
  check_subject(request);
  PredictionModel model = open_prediction_model(tables, request, observer);
  const Environment& environment = model.environment;
  const Computing computing(environment.threads);
  PredictOutcome outcome{.prediction = {}, .model = model.trained.stage, .sorted = std::nullopt};
  if (request.features.empty()) {
    outcome.prediction = predict(model.trained, {request.images.begin(), request.images.end()},
                                 model.settings, environment);
  } else {
    outcome.prediction = predict_features(model.trained, request.features, request.paths, observer);
  }
  if (model.trained.stage == stage_name(ClusterStage::edited)) {
    follow_person(outcome.prediction, request.run);
  }
  if (!request.save_probabilities.empty()) {
    write_npy(request.save_probabilities, outcome.prediction.probabilities);
  }
  if (!request.sort_into.empty()) {
    outcome.sorted = sort_into(request.sort_into, outcome.prediction, sorted_as(request), observer);
  }
  return outcome;
}

}  // namespace nolabel
