// nolabel predict RUN IMAGES…: clusters of new images.
#include "nolabel/pipeline/predict_call.h"

#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "cli/group_work.h"
#include "cli/sorted_text.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/output_place.h"

namespace nolabel::cli {
int run_predict(CommandLine& line) {
  PredictRequest request;
  std::string out = "-";
  PredictionFormat format_of_out = PredictionFormat::csv;
  line.argument("RUN", &request.run, "a run directory with a finished model, or a weights file");
  line.arguments("IMAGES", &request.images, 0, 100000, "pictures, folders or list files");
  line.options().add("out", &out, "the result's file; - is stdout");
  line.options().add("format", &format_of_out,
                     {{"csv", PredictionFormat::csv}, {"jsonl", PredictionFormat::json_lines}},
                     "CSV, or one JSON object per line");
  declare(line.tables(), request);
  GroupWork group(line);
  if (!line.parse()) return 0;
  return group.run(request.compute, [&] {
    if (out == "-" && line.json_on_stdout()) {
      fail_usage("--out must name a file when --json - takes standard output.");
    }
    if (out != "-") check_output(out);

    const PredictOutcome outcome = predict(line.tables(), request, line.observer());
    const Prediction& prediction = outcome.prediction;
    const std::string text = prediction_text(prediction, format_of_out);
    if (out == "-") {
      line.print(text);
    } else {
      write_file(out, text);
      line.print(format("{}: the assignments of {} images\n", out, prediction.names.size()));
    }
    if (outcome.sorted) line.print(sorted_text(request.sort_into, *outcome.sorted));
    line.result({{"images", prediction.names.size()},
                 {"skipped", prediction.skipped.size()},
                 {"model", outcome.model}});
    return 0;
  });
}

}  // namespace nolabel::cli
