// The figures of a clustering as the object that `--json` prints. Scripts rely on the names; values
// are fractions.
#pragma once

#include <nlohmann/json.hpp>

#include "nolabel/evaluate/cluster_statistics.h"
#include "nolabel/evaluate/label_evaluation.h"

namespace nolabel {

// images clusters sizes empty_clusters entropy mean_confidence, and where they are known
// neighbor_agreement silhouette.
nlohmann::json statistics_json(const ClusterStatistics& statistics);

// ACC NMI AMI ARI top5 matching classes, per_class and per_cluster tables, confusion rows.
nlohmann::json labels_json(const LabelEvaluation& evaluation);

}  // namespace nolabel
