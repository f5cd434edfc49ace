// nolabel eval: how good a run's model is, or that of a file, with and without labels.
#include "nolabel/pipeline/eval_call.h"

#include <nlohmann/json.hpp>

#include "cli/data_argument.h"
#include "cli/group_work.h"
#include "cli/measurement_tables.h"
#include "nolabel/base/format.h"

namespace nolabel::cli {
namespace {

void print_pretext(const CommandLine& line, const PretextMeasurement& measured) {
  line.print("share of neighbors with the image's label:");
  for (const auto& [k, accuracy] : measured.neighbor_accuracy) {
    line.print(format("  k={}: {:.2f} %", k, accuracy * 100));
  }
  line.print("\n");
  print_labels(line, measured.backbone_labels);
  line.print(format("{}\n", measured.file.string()));
}

}  // namespace

int run_eval(CommandLine& line) {
  EvalRequest request;
  take_data(line, request.run.data);
  declare(line.tables(), request);
  GroupWork group(line);
  if (!line.parse()) return 0;
  return group.run(request.run.compute, [&] {
    const EvalOutcome outcome = eval(line.tables(), request, line.observer());
    if (const auto* model = std::get_if<Measurement>(&outcome.measured)) {
      print_measurement(line, *model);
    } else {
      print_pretext(line, std::get<PretextMeasurement>(outcome.measured));
    }
    line.result(eval_json(outcome));
    return 0;
  });
}

}  // namespace nolabel::cli
