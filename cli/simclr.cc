// nolabel simclr DATA: train a backbone on unlabelled images.
#include "nolabel/pipeline/simclr_call.h"

#include <nlohmann/json.hpp>

#include "cli/data_argument.h"
#include "cli/group_work.h"
#include "cli/mine.h"
#include "nolabel/base/format.h"

namespace nolabel::cli {

int run_simclr(CommandLine& line) {
  SimclrRequest request;
  take_data(line, request.run.data);
  declare(line.tables(), request);
  GroupWork group(line);
  if (!line.parse()) return 0;
  return group.run(request.run.compute, [&] {
    const SimclrOutcome outcome = simclr(line.tables(), request, line.observer());
    line.print(format("{}: {}\n", outcome.model.string(),
                      outcome.trained ? format("a backbone trained on {} images", outcome.images)
                                      : std::string("the existing backbone, unchanged")));
    if (outcome.mined) print_tables(line, *outcome.mined);
    line.result(simclr_json(outcome));
    return 0;
  });
}

}  // namespace nolabel::cli
