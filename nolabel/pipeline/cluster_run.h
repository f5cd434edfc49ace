// The work of `cluster` in an open run directory. Private to cluster_call.cc.
#pragma once

#include "nolabel/pipeline/cluster_call.h"

namespace nolabel {

// Every setting of the request is settled but those of the images, which the run may remember.
// Errors as cluster().
ClusterOutcome run_clustering(SettingTables& tables, ClusterRequest& request, OpenRun& open);

}  // namespace nolabel
