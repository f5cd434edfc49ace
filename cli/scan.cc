// nolabel scan and nolabel selflabel: the two clustering stages, each by itself.
#include "nolabel/pipeline/scan_call.h"

#include <nlohmann/json.hpp>

#include "cli/data_argument.h"
#include "cli/group_work.h"
#include "cli/measurement_tables.h"
#include "nolabel/base/format.h"

namespace nolabel::cli {
namespace {

// Tells what is there, and with labels how good it is on the validation images.
void show(const CommandLine& line, const ClusterStageOutcome& outcome, const char* what) {
  line.print(format("{}: {}\n", outcome.model.string(), what));
  if (outcome.evaluation) print_measurement(line, *outcome.evaluation);
  line.result(stage_json(outcome));
}

}  // namespace

int run_scan_command(CommandLine& line) {
  ScanRequest request;
  take_data(line, request.run.data);
  declare(line.tables(), request);
  GroupWork group(line);
  if (!line.parse()) return 0;
  return group.run(request.run.compute, [&] {
    show(line, scan(line.tables(), request, line.observer()),
         "the model and the head with the lowest objective, chosen without labels");
    return 0;
  });
}

int run_selflabel_command(CommandLine& line) {
  SelflabelRequest request;
  take_data(line, request.run.data);
  declare(line.tables(), request);
  GroupWork group(line);
  if (!line.parse()) return 0;
  return group.run(request.run.compute, [&] {
    show(line, selflabel(line.tables(), request, line.observer()),
         "SCAN's best head, trained on its own confident predictions");
    return 0;
  });
}

}  // namespace nolabel::cli
