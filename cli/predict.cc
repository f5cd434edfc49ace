// nolabel predict RUN IMAGES…: clusters of new images.
#include <nlohmann/json.hpp>

#include "cli/run_options.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/pipeline/predict.h"

namespace nolabel::cli {
namespace {

struct PredictOptions {
  std::string run;
  std::vector<std::string> images;
  std::string model = "final";
  std::string out = "-";
  PredictionFormat format = PredictionFormat::csv;
  std::string sort_into;
  bool copy = false;
  std::string save_probabilities;
  int image_size = 0;
  PredictSettings settings;
};

void declare(Schema& schema, PredictOptions& options) {
  schema.add("out", &options.out, "the result's file; - is stdout");
  schema.add("format", &options.format,
             {{"csv", PredictionFormat::csv}, {"jsonl", PredictionFormat::json_lines}},
             "CSV, or one JSON object per line");
  schema.add("sort_into", &options.sort_into, "also put the images into DIR/<cluster>/, as links");
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

}  // namespace

int run_predict(CommandLine& line) {
  PredictOptions options;
  DeviceOptions device;
  line.argument("RUN", &options.run, "a run directory with a finished model, or a weights file");
  line.arguments("IMAGES", &options.images, 1, 100000, "pictures, folders or list files");
  declare(line.options(), options);
  declare(line.options(), device);
  if (!line.parse()) return 0;
  if (options.out == "-" && line.json_on_stdout()) {
    fail_usage("--out must name a file when --json - takes standard output.");
  }

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
    sort_into(options.sort_into, prediction, options.copy);
    line.print(format("{}: one folder per cluster\n", options.sort_into));
  }
  line.result({{"images", prediction.names.size()},
               {"skipped", prediction.skipped.size()},
               {"model", trained.stage}});
  return 0;
}

}  // namespace nolabel::cli
