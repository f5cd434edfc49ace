// nolabel update RUN [FOLDER…]: what came, moved or went in the folders of a run.
#include "nolabel/pipeline/update_call.h"

#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "cli/frame/printable.h"
#include "cli/measurement_tables.h"
#include "nolabel/base/format.h"
#include "nolabel/base/path_text.h"
#include "nolabel/pipeline/figures.h"

namespace nolabel::cli {
namespace {

nlohmann::json update_json(const UpdateOutcome& outcome) {
  nlohmann::json by_cluster = nlohmann::json::object();
  for (const auto& [id, images] : outcome.new_by_cluster) by_cluster[std::to_string(id)] = images;
  const CollectionChanges& changes = outcome.changes;
  const ClusterOutcome& clusters = outcome.clusters;
  const Drift& drift = outcome.drift;
  return {{"images", clusters.images},
          {"new", changes.count(ImageChange::fresh)},
          {"changed", changes.count(ImageChange::changed)},
          {"moved", changes.count(ImageChange::moved)},
          {"gone", changes.gone.size()},
          {"duplicates_of_known", outcome.duplicates_of_known},
          {"new_by_cluster", by_cluster},
          {"reassigned", outcome.reassigned},
          {"drift",
           {{"images", drift.images},
            {"unsure", drift.unsure},
            {"unsure_known", drift.unsure_known},
            {"distance", drift.distance},
            {"distance_known", drift.distance_known},
            {"far", drift.far}}},
          {"final", clusters.final_stage},
          {"clusters", clusters.clusters},
          {"clusters_range", range_json(clusters.cluster_range)},
          {"warnings", clusters.warnings},
          {"identities", identities_json(clusters.identities)},
          {"train", figures_json(clusters.train)},
          {"validation", figures_json(clusters.validation)},
          {"changes", path_to_json(outcome.changes_file)},
          {"assignments", path_to_json(clusters.assignments_file)},
          {"report", path_to_json(clusters.report)},
          {"seconds", clusters.seconds}};
}

void print_new_images(const CommandLine& line, const UpdateOutcome& outcome) {
  if (outcome.new_by_cluster.empty()) return;
  line.print(format("\n{:>7} {:>8}  {}\n", "cluster", "new", "name"));
  for (const ClusterIdentity& identity : outcome.clusters.identities) {
    const auto images = outcome.new_by_cluster.find(identity.id);
    if (images == outcome.new_by_cluster.end()) continue;
    line.print(format("{:>7} {:>8}  {}\n", identity.id, images->second, printable(identity.name)));
  }
}

void print_drift(const CommandLine& line, const Drift& drift) {
  if (drift.images == 0) return;
  line.print(format("unsure       {:.1f} % of the new images, {:.1f} % of the known ones\n",
                    drift.unsure * 100, drift.unsure_known * 100));
  line.print(format(
      "unlike       {:.1f} % of the new images are farther from the known ones than 95 % of the "
      "known ones\n",
      drift.far * 100));
}

void print_update(const CommandLine& line, const UpdateOutcome& outcome) {
  const CollectionChanges& changes = outcome.changes;
  line.print(format("images       {}: {} new, {} changed, {} moved, {} gone\n",
                    changes.changes.size(), changes.count(ImageChange::fresh),
                    changes.count(ImageChange::changed), changes.count(ImageChange::moved),
                    changes.gone.size()));
  if (outcome.duplicates_of_known > 0) {
    line.print(format("copies       {} of the new images are near-duplicates of known ones\n",
                      outcome.duplicates_of_known));
  }
  if (outcome.reassigned > 0) {
    line.print(format("reassigned   {} known images\n", outcome.reassigned));
  }
  print_drift(line, outcome.drift);
  print_new_images(line, outcome);
  line.print(format("\nchanges      {}\nassignments  {}\nreport       {}\n",
                    outcome.changes_file.string(), outcome.clusters.assignments_file.string(),
                    outcome.clusters.report.string()));
}

}  // namespace

int run_update(CommandLine& line) {
  UpdateRequest request;
  line.argument("RUN", &request.run, "a run directory that `cluster` has made");
  line.arguments("FOLDER", &request.folders, 0, 100000,
                 "further folders, pictures or list files; without any, nolabel looks at those of "
                 "the run again");
  declare(line.tables(), request);
  if (!line.parse()) return 0;
  const UpdateOutcome outcome = update(line.tables(), request, line.observer());
  print_update(line, outcome);
  line.result(update_json(outcome));
  return 0;
}

}  // namespace nolabel::cli
