// nolabel mine: the nearest neighbors of every image.
#include "cli/mine.h"

#include <nlohmann/json.hpp>

#include "cli/data_argument.h"
#include "cli/group_work.h"
#include "cli/measurement_tables.h"
#include "nolabel/base/format.h"

namespace nolabel::cli {
namespace {

std::string accuracy_text(const std::map<int, double>& by_k, const char* title) {
  if (by_k.empty()) return "";
  std::string text = format("{}:", title);
  for (const auto& [k, value] : by_k) text += format("  k={}: {:.1f} %", k, value * 100);
  return text + "\n";
}

}  // namespace

void print_tables(const CommandLine& line, const MineOutcome& outcome) {
  const MinedTables& tables = outcome.tables;
  line.print(format("{}: {} neighbors of each of {} images, found with {}\n",
                    outcome.train_table.string(), tables.neighbors, tables.images,
                    outcome.backbone));
  line.print(accuracy_text(tables.accuracy, "same label, training images"));
  if (outcome.has_validation) {
    line.print(accuracy_text(tables.validation_accuracy, "same label, validation images"));
  }
  if (!tables.accuracy.empty()) print_labels(line, outcome.backbone_labels);
}

int run_mine_command(CommandLine& line) {
  MineRequest request;
  take_data(line, request.run.data);
  declare(line.tables(), request);
  GroupWork group(line);
  if (!line.parse()) return 0;
  return group.run(request.run.compute, [&] {
    const MineOutcome outcome = mine(line.tables(), request, line.observer());
    print_tables(line, outcome);
    line.result(mine_json(outcome));
    return 0;
  });
}

}  // namespace nolabel::cli
