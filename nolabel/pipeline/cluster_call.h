// The one-command path as one call: what the user leaves unset comes from the run's state.
#pragma once

#include "nolabel/pipeline/cluster_run.h"
#include "nolabel/pipeline/run_request.h"

namespace nolabel {

struct ClusterCall {
  RunRequest run;
  ClusterRequest request;  // its data, out and images are those of `run`
  MineSettings mining;     // how neighbors are searched; their numbers follow from the effort
  std::string backbone, features, paths;
};
void declare(SettingTables& tables, ClusterCall& call);

// cluster() of cluster_run.h. Throws Error: usage, data, system, stopped.
ClusterOutcome cluster(SettingTables& tables, ClusterCall& call, const Observer& observer);

}  // namespace nolabel
