#include "nolabel/pipeline/predict.h"

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/path_text.h"
#include "nolabel/pipeline/picture_size.h"
#include "nolabel/record/unsaved_work.h"
#include "nolabel/report/assignments_csv.h"
#include "nolabel/run/artifact.h"
#include "nolabel/workers/shared_reading.h"

namespace nolabel {

namespace fs = std::filesystem;

namespace {

// Without a place for temporary files, images that fit into the memory are predicted all the same;
// load_images() refuses others.
void make_if_possible(std::optional<TemporaryDirectory>& directory) {
  try {
    directory.emplace();
  } catch (const Error& error) {
    if (error.fault() != Fault::system) throw;
  }
}

}  // namespace

Prediction predict(TrainedModel& trained, const std::vector<fs::path>& images,
                   const PredictSettings& settings, const Environment& environment) {
  LoadOptions options;
  options.labels = LabelSource::none;
  options.pictures = trained.pictures;
  options.memory_bytes = int64_t{settings.memory_mb} << 20;
  options.reduced_decode = settings.reduced_decode;
  options.strict = settings.strict;
  options.threads = environment.threads;
  options.help = shared_reading(environment.group);
  std::optional<TemporaryDirectory> pixels;  // of what does not fit into the memory
  if (settings.cache.directory.empty()) {
    make_if_possible(pixels);
    if (pixels) options.cache_directory = pixels->path();
  } else {
    options.cache_directory = settings.cache.directory;
  }
  options.cache_format = settings.cache.format;
  const LoadedImages loaded = load_images(images, options, environment.observer);
  for (const SkippedImage& image : loaded.skipped) {
    environment.observer.warn(format("skipped {}: {}", image.name, image.reason));
  }
  Prediction prediction;
  prediction.skipped = loaded.skipped;
  for (int64_t i = 0; i < loaded.dataset.size(); ++i) {
    prediction.names.push_back(loaded.dataset.name(i));
    if (!loaded.root.empty()) prediction.files.push_back(loaded.root / loaded.dataset.name(i));
  }
  const auto inputs = image_inputs(loaded.dataset, trained.evaluation, std::nullopt, environment);
  run_unsaved("embedding the images", Ended::lost, environment.observer,
              [&](const Observer& inner) {
                prediction.probabilities = evaluate(trained, *inputs, inner).probabilities;
              });
  prediction.assignments = assign(prediction.probabilities);
  prediction.identities = trained.identities;
  prediction.contents = loaded.contents;
  return prediction;
}

Assignment with_ids(const Assignment& assignment, const std::vector<ClusterIdentity>& identities) {
  if (identities.empty()) return assignment;
  Assignment result = assignment;
  result.cluster = identities.at(assignment.cluster).id;
  if (assignment.runner_up >= 0) result.runner_up = identities.at(assignment.runner_up).id;
  return result;
}

std::string prediction_text(const Prediction& prediction, PredictionFormat format) {
  if (format == PredictionFormat::csv) {
    return assignments_csv(
        {prediction.names, prediction.assignments, {}, {}, prediction.identities});
  }
  std::string text;
  for (size_t i = 0; i < prediction.names.size(); ++i) {
    const Assignment a = with_ids(prediction.assignments[i], prediction.identities);
    nlohmann::json object = {{"path", path_to_json(prediction.names[i])},
                             {"cluster", a.cluster},
                             {"confidence", a.confidence}};
    if (a.runner_up >= 0) {
      object["runner_up"] = a.runner_up;
      object["runner_up_confidence"] = a.runner_up_confidence;
    }
    if (has_names(prediction.identities)) {
      object["name"] = prediction.identities.at(prediction.assignments[i].cluster).name;
    }
    text += object.dump() + "\n";
  }
  return text;
}

}  // namespace nolabel
