// From the pipeline's results to the facade's. Private to this folder.
#pragma once

#include <vector>

#include "nolabel/evaluate/assignments.h"
#include "nolabel/nolabel.h"
#include "nolabel/pipeline/cluster_call.h"
#include "nolabel/report/report_data.h"

namespace nolabel {

ClusterChoice choice_of(const Assignment& assignment);
// statuses [N] or empty
std::vector<ClusteredImage> clustered_images(const std::vector<std::string>& names,
                                             const std::vector<Assignment>& assignments,
                                             const std::vector<ImageStatus>& statuses = {});
std::vector<NamedCluster> named_clusters(const std::vector<ClusterIdentity>& identities);
ClusterFigures figures_of(const ReportMethod& method);
std::vector<ClusterFigures> figures_of(const std::vector<ReportMethod>& methods);
ClusterResult cluster_result(ClusterOutcome outcome, bool with_features);

}  // namespace nolabel
