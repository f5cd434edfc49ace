// The work of `cluster` in an open run directory. For cluster_call.cc and update_call.cc.
#pragma once

#include "nolabel/pipeline/cluster_call.h"
#include "nolabel/pipeline/neighbor_tables.h"

namespace nolabel {

// Every setting of the request is settled but those of the images, which the run may remember.
// Errors as cluster().
ClusterOutcome run_clustering(SettingTables& tables, ClusterRequest& request, OpenRun& open);
// The same for images that are loaded and embedded. The request says nothing of them.
ClusterOutcome run_clustering_of(Subject subject, SettingTables& tables, ClusterRequest& request,
                                 OpenRun& open);

// The tables of neighbors that clusters are found and judged with.
MinedTables mine_for_clusters(const RunDirectory& run, const Subject& subject,
                              const MineSettings& settings, const Environment& environment);

}  // namespace nolabel
