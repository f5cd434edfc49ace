// nolabel report: the page of a run, made anew from its models.
#include "nolabel/pipeline/report_call.h"

#include <nlohmann/json.hpp>

#include "cli/data_argument.h"
#include "cli/measurement_tables.h"
#include "nolabel/base/format.h"
#include "nolabel/pipeline/figures.h"

namespace nolabel::cli {

int run_report(CommandLine& line) {
  ReportRequest request;
  take_data(line, request.run.data);
  declare(line.tables(), request);
  if (!line.parse()) return 0;
  const ReportOutcome outcome = report(line.tables(), request, line.observer());
  print_split_figures(line, outcome.train, outcome.validation);
  print_labels(line, outcome.backbone_labels);
  line.print(format("\nassignments  {}\nreport       {}\n", outcome.assignments.string(),
                    outcome.report.string()));
  line.result({{"train", figures_json(outcome.train)},
               {"validation", figures_json(outcome.validation)},
               {"backbone_labels", outcome.backbone_labels},
               {"report", path_to_json(outcome.report)},
               {"assignments", path_to_json(outcome.assignments)}});
  return 0;
}

}  // namespace nolabel::cli
