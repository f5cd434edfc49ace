#include "nolabel/pipeline/cluster_result.h"

#include "nolabel/pipeline/cluster_identities.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/run_report.h"

namespace nolabel {

SettledClusters settle_clusters(RunDirectory& run, const Subject& subject, ClusteredRun clustered,
                                const Environment& environment) {
  RunAssignments assigned = assigned_images(run, subject, clustered, environment);
  remember_found(run, subject, assigned.given.probabilities);
  if (follow_edits(run, subject, environment)) {
    clustered = clustered_run(run, subject, environment);
    assigned = assigned_images(run, subject, clustered, environment);
  }
  // After found.csv: a run whose state is older says that the edits are to be applied again.
  run.save();
  return {std::move(clustered), std::move(assigned)};
}

ClusterOutcome write_settled(RunDirectory& run, const Subject& subject, SettledClusters settled,
                             const Environment& environment) {
  auto& [clustered, assigned] = settled;
  const RunFiles files = write_run_files(run, subject, clustered, assigned, environment);
  const RunState& state = run.state();
  return {.final_stage = stage_name(*state.final_stage),
          .choice = state.choice,
          .clusters = static_cast<int>(state.identities.size()),
          .cluster_range = state.cluster_range,
          .continued = {},
          .identities = state.identities,
          .backbone = subject.backbone.origin,
          .backbone_labels = subject.backbone.labels,
          .train = clustered.train.figures,
          .validation = clustered.validation_figures(),
          .warnings = state.warnings,
          .assignments_file = files.assignments,
          .report = files.report,
          .names = subject.given.names,
          .assignments = assign(assigned.given.probabilities),
          .statuses = std::move(assigned.given.statuses),
          .probabilities = std::move(assigned.given.probabilities),
          .features = to_matrix(subject.given.features),
          .images = subject.given.features.size(0)};
}

ClusterOutcome write_clusters(RunDirectory& run, const Subject& subject, ClusteredRun clustered,
                              const Environment& environment) {
  return write_settled(
      run, subject, settle_clusters(run, subject, std::move(clustered), environment), environment);
}

}  // namespace nolabel
