// What `cluster` and `update` leave in a run once its clusters are settled, and return.
#pragma once

#include "nolabel/pipeline/cluster_call.h"
#include "nolabel/pipeline/run_clusterings.h"

namespace nolabel {

// Leaves found.csv; brings a person's edits into force, where there are any; saves the run's state;
// writes assignments.csv and the report. The run's state says which model is the chosen one, the
// first row of `clustered`. Of the outcome, `continued` and `seconds` are the caller's.
ClusterOutcome write_clusters(RunDirectory& run, const Subject& subject, ClusteredRun clustered,
                              const Environment& environment);

}  // namespace nolabel
