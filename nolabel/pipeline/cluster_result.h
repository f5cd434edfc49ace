// What `cluster` and `update` leave in a run once its clusters are settled, and return.
#pragma once

#include "nolabel/pipeline/assigned_images.h"
#include "nolabel/pipeline/cluster_call.h"
#include "nolabel/pipeline/run_clusterings.h"

namespace nolabel {

// How the run's models cluster its images, and what became of each image, with a person's edits.
struct SettledClusters {
  ClusteredRun clustered;
  RunAssignments assigned;
};

// The two steps of write_clusters(): what comes before the report, and the rest.
SettledClusters settle_clusters(RunDirectory& run, const Subject& subject, ClusteredRun clustered,
                                const Environment& environment);
ClusterOutcome write_settled(RunDirectory& run, const Subject& subject, SettledClusters settled,
                             const Environment& environment);

// Leaves found.csv; brings a person's edits into force, where there are any; saves the run's state;
// writes assignments.csv and the report. The run's state says which model is the chosen one, the
// first row of `clustered`. Of the outcome, `continued` and `seconds` are the caller's.
ClusterOutcome write_clusters(RunDirectory& run, const Subject& subject, ClusteredRun clustered,
                              const Environment& environment);

}  // namespace nolabel
