#include "nolabel/facade/convert.h"

#include "nolabel/pipeline/predict.h"

namespace nolabel {

ClusterChoice choice_of(const Assignment& a) {
  return {a.cluster, a.confidence, a.runner_up, a.runner_up_confidence};
}

std::vector<ClusteredImage> clustered_images(const std::vector<std::string>& names,
                                             const std::vector<Assignment>& assignments,
                                             const std::vector<ImageStatus>& statuses) {
  std::vector<ClusteredImage> images;
  for (size_t i = 0; i < names.size(); ++i) {
    images.push_back(
        {names[i], choice_of(assignments[i]), statuses.empty() ? "" : status_name(statuses[i])});
  }
  return images;
}

std::vector<NamedCluster> named_clusters(const std::vector<ClusterIdentity>& identities) {
  std::vector<NamedCluster> clusters;
  for (const ClusterIdentity& identity : identities)
    clusters.push_back({identity.id, identity.name});
  return clusters;
}

ClusterFigures figures_of(const ReportMethod& method) {
  const ClusterStatistics& statistics = method.statistics;
  ClusterFigures figures;
  figures.method = method.name;
  figures.sizes = statistics.sizes;
  figures.empty_clusters = statistics.empty_clusters;
  figures.entropy = statistics.entropy;
  if (method.has_confidence) figures.mean_confidence = statistics.mean_confidence;
  figures.neighbor_agreement = statistics.neighbor_agreement;
  figures.silhouette = statistics.silhouette;
  figures.neighbor_information = statistics.neighbor_information;
  if (const auto& labels = method.labels) {
    figures.labels = {labels->acc, labels->nmi, labels->ami, labels->ari};
  }
  return figures;
}

std::vector<ClusterFigures> figures_of(const std::vector<ReportMethod>& methods) {
  std::vector<ClusterFigures> all;
  for (const ReportMethod& method : methods) all.push_back(figures_of(method));
  return all;
}

ClusterResult cluster_result(ClusterOutcome outcome, bool with_features) {
  for (Assignment& a : outcome.assignments) a = with_ids(a, outcome.identities);
  ClusterResult result{
      .final_stage = outcome.final_stage,
      .choice = outcome.choice,
      .clusters = outcome.clusters,
      .clusters_range = {},
      .continued = std::move(outcome.continued),
      .identities = named_clusters(outcome.identities),
      .images = clustered_images(outcome.names, outcome.assignments, outcome.statuses),
      .probabilities = std::move(outcome.probabilities),
      .features = {},
      .figures = figures_of(outcome.train),
      .validation = figures_of(outcome.validation),
      .backbone_labels = outcome.backbone_labels,
      .warnings = outcome.warnings,
      .assignments = outcome.assignments_file,
      .report = outcome.report,
      .seconds = outcome.seconds};
  if (const auto& range = outcome.cluster_range) result.clusters_range = {range->low, range->high};
  if (with_features) result.features = std::move(outcome.features);
  return result;
}

}  // namespace nolabel
