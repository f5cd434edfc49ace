// nolabel predict RUN IMAGES…: clusters of new images.
#include <nlohmann/json.hpp>

#include "cli/run_options.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/output_place.h"
#include "nolabel/pipeline/predict.h"
#include "nolabel/pipeline/sorted_folder.h"

namespace nolabel::cli {
namespace {

struct PredictOptions {
  std::string run;
  std::vector<std::string> images;
  std::string model = "final";
  std::string out = "-";
  PredictionFormat format = PredictionFormat::csv;
  std::string sort_into;
  bool copy = false, relative_links = false;
  std::string save_probabilities;
  int image_size = 0;
  PredictSettings settings;
};

void declare(Schema& schema, PredictOptions& options) {
  schema.add("out", &options.out, "the result's file; - is stdout");
  schema.add("format", &options.format,
             {{"csv", PredictionFormat::csv}, {"jsonl", PredictionFormat::json_lines}},
             "CSV, or one JSON object per line");
  schema.add("sort_into", &options.sort_into,
             "also put a link to every image into DIR/<cluster>/; what an earlier sort into DIR "
             "left there is replaced");
  schema.add("relative_links", &options.relative_links,
             "the links of --sort-into name the images from where they stand, so that DIR and the "
             "images can be moved together");
  schema.add("copy", &options.copy, "copies instead of links for --sort-into");
  schema.add("model", &options.model, "scan, selflabel, or final: the one the run chose");
  schema.add("save_probabilities", &options.save_probabilities,
             "write the probabilities [N,C] to this .npy file");
  schema.add("image_size", &options.image_size, {.low = 0, .high = 1024},
             "side of the views in pixels; 0: what the model was trained on");
  schema.add("memory", &options.settings.memory_mb, {.low = 1},
             "megabytes of pixels kept in memory; more goes to a cache file");
  declare(schema, options.settings.cache, "a temporary folder, removed at the end");
  schema.add("strict", &options.settings.strict, "stop at a file that cannot be read as an image");
}

SortedAs sorted_as(const PredictOptions& options) {
  if (options.copy) return SortedAs::copies;
  return options.relative_links ? SortedAs::relative_links : SortedAs::absolute_links;
}

void check_options(const CommandLine& line, const PredictOptions& options) {
  if (options.out == "-" && line.json_on_stdout()) {
    fail_usage("--out must name a file when --json - takes standard output.");
  }
  if (options.sort_into.empty() && (options.copy || options.relative_links)) {
    fail_usage(
        "--copy and --relative-links are about the folder of --sort-into, which is missing.");
  }
  if (options.copy && options.relative_links) {
    fail_usage("--sort-into makes copies or links. Received --copy and --relative-links.");
  }
  if (options.out != "-") check_output(options.out);
  if (!options.save_probabilities.empty()) check_output(options.save_probabilities);
  if (!options.sort_into.empty()) check_output_folder(options.sort_into);
}

// "sorted: 120 images in one folder per cluster (3 added, 117 as before, 5 removed)"
std::string sorted_text(const std::string& directory, const SortedCounts& counts) {
  std::string text = format("{}: {} images, a folder for each cluster ({} added", directory,
                            counts.added + counts.same, counts.added);
  if (counts.same > 0) text += format(", {} as before", counts.same);
  if (counts.removed > 0) text += format(", {} of an earlier sort removed", counts.removed);
  if (counts.changed > 0) text += format(", {} kept because they were changed", counts.changed);
  return text + ")\n";
}

}  // namespace

int run_predict(CommandLine& line) {
  PredictOptions options;
  DeviceOptions device;
  line.argument("RUN", &options.run, "a run directory with a finished model, or a weights file");
  line.arguments("IMAGES", &options.images, 1, 100000, "pictures, folders or list files");
  declare(line.options(), options);
  declare(line.options(), device);
  if (!line.parse()) return 0;
  check_options(line, options);

  const Environment environment = make_environment(device, line.observer());
  TrainedModel trained =
      load_image_model(options.run, options.model, options.image_size, environment);
  const Prediction prediction = predict(trained, {options.images.begin(), options.images.end()},
                                        options.settings, environment);
  const std::string text = prediction_text(prediction, options.format);
  if (options.out == "-") {
    line.print(text);
  } else {
    write_file(options.out, text);
    line.print(format("{}: clusters of {} images\n", options.out, prediction.names.size()));
  }
  if (!options.save_probabilities.empty()) {
    write_npy(options.save_probabilities, prediction.probabilities);
  }
  if (!options.sort_into.empty()) {
    const SortedCounts counts =
        sort_into(options.sort_into, prediction, sorted_as(options), environment.observer);
    line.print(sorted_text(options.sort_into, counts));
  }
  line.result({{"images", prediction.names.size()},
               {"skipped", prediction.skipped.size()},
               {"model", trained.stage}});
  return 0;
}

}  // namespace nolabel::cli
