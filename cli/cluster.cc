// nolabel cluster FOLDER: images in, clusters and a report out.
#include "nolabel/pipeline/cluster_call.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/data_argument.h"
#include "cli/frame/question.h"
#include "cli/group_work.h"
#include "cli/measurement_tables.h"
#include "nolabel/base/format.h"
#include "nolabel/pipeline/figures.h"

namespace nolabel::cli {
namespace {

int64_t count(const ClusterOutcome& outcome, ImageStatus status) {
  return std::ranges::count(outcome.statuses, status);
}

nlohmann::json cluster_json(const ClusterOutcome& outcome) {
  return {{"final", outcome.final_stage},
          {"choice", outcome.choice},
          {"clusters", outcome.clusters},
          {"clusters_range", range_json(outcome.cluster_range)},
          {"continued", outcome.continued},
          {"identities", identities_json(outcome.identities)},
          {"backbone", outcome.backbone},
          {"backbone_labels", outcome.backbone_labels},
          {"images", outcome.images},
          {"duplicates", count(outcome, ImageStatus::duplicate)},
          {"unsure", count(outcome, ImageStatus::unsure)},
          {"train", figures_json(outcome.train)},
          {"validation", figures_json(outcome.validation)},
          {"warnings", outcome.warnings},
          {"assignments", path_to_json(outcome.assignments_file)},
          {"report", path_to_json(outcome.report)},
          {"seconds", outcome.seconds}};
}

void print_outcome(const CommandLine& line, const ClusterOutcome& outcome) {
  print_split_figures(line, outcome.train, outcome.validation);
  print_labels(line, outcome.backbone_labels);
  line.print(format("\nbackbone     {}", outcome.backbone));
  line.print(format("\nimages       {}, of which {} are unsure and {} are duplicates",
                    outcome.images, count(outcome, ImageStatus::unsure),
                    count(outcome, ImageStatus::duplicate)));
  line.print(format("\nassignments  {}\nreport       {}\n", outcome.assignments_file.string(),
                    outcome.report.string()));
}

}  // namespace

int run_cluster(CommandLine& line) {
  ClusterRequest request;
  take_data(line, request.run.data);
  declare(line.tables(), request);
  GroupWork group(line);
  if (!line.parse()) return 0;
  return group.run(request.run.compute, [&] {
    request.access.ask = person_to_ask();
    const ClusterOutcome outcome = cluster(line.tables(), request, line.observer());
    print_outcome(line, outcome);
    line.result(cluster_json(outcome));
    return 0;
  });
}

}  // namespace nolabel::cli
