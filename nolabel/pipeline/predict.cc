#include "nolabel/pipeline/predict.h"

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/pipeline/picture_size.h"
#include "nolabel/record/unsaved_work.h"
#include "nolabel/report/assignments_csv.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// True when `target` is what an earlier call put there for `file`.
bool is_there(const fs::path& target, const fs::path& file, bool copy) {
  std::error_code error;
  if (!copy) return fs::is_symlink(target) && fs::read_symlink(target, error) == file;
  return !fs::is_symlink(target) && fs::is_regular_file(target, error) &&
         fs::file_size(target, error) == fs::file_size(file, error) &&
         file_hash(target) == file_hash(file);
}

// "cat.jpg", or "cat-2.jpg" when that is taken by another picture. Nothing when the picture is
// there.
std::optional<fs::path> free_name(const fs::path& directory, const fs::path& file, bool copy) {
  const fs::path name = file.filename();
  fs::path candidate = directory / name;
  for (int number = 2; fs::exists(fs::symlink_status(candidate)); ++number) {
    if (is_there(candidate, file, copy)) return std::nullopt;
    candidate =
        directory / format("{}-{}{}", name.stem().string(), number, name.extension().string());
  }
  return candidate;
}

}  // namespace

Prediction predict(TrainedModel& trained, const std::vector<fs::path>& images,
                   const PredictSettings& settings, const Environment& environment) {
  LoadOptions options;
  options.labels = LabelSource::none;
  const PictureSize kept = trained.pictures();
  options.short_side = kept.short_side;
  options.enlarge = kept.enlarge;
  options.interpolation = kept.interpolation;
  options.memory_bytes = int64_t{settings.memory_mb} << 20;
  options.reduced_decode = settings.reduced_decode;
  options.strict = settings.strict;
  options.threads = environment.threads;
  const TemporaryDirectory pixels;  // of what does not fit into the memory
  options.cache_directory =
      settings.cache.directory.empty() ? pixels.path() : fs::path(settings.cache.directory);
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
  return prediction;
}

std::string prediction_text(const Prediction& prediction, PredictionFormat format) {
  if (format == PredictionFormat::csv) {
    return assignments_csv({prediction.names, prediction.assignments, {}});
  }
  std::string text;
  for (size_t i = 0; i < prediction.names.size(); ++i) {
    const Assignment& a = prediction.assignments[i];
    nlohmann::json object = {
        {"path", prediction.names[i]}, {"cluster", a.cluster}, {"confidence", a.confidence}};
    if (a.runner_up >= 0) {
      object["runner_up"] = a.runner_up;
      object["runner_up_confidence"] = a.runner_up_confidence;
    }
    text += object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }
  return text;
}

void sort_into(const fs::path& directory, const Prediction& prediction, bool copy) {
  if (prediction.files.empty()) {
    fail_usage("--sort-into needs images that are files of their own. These are not.");
  }
  for (size_t i = 0; i < prediction.files.size(); ++i) {
    const fs::path folder = directory / std::to_string(prediction.assignments[i].cluster);
    make_directory(folder);
    const fs::path file = fs::absolute(prediction.files[i]);
    const std::optional<fs::path> target = free_name(folder, file, copy);
    if (!target) continue;
    std::error_code error;
    if (copy) {
      fs::copy_file(file, *target, error);
    } else {
      fs::create_symlink(file, *target, error);
    }
    if (error) fail_system("cannot write {}: {}", target->string(), error.message());
  }
}

}  // namespace nolabel
