#include "nolabel/facade/convert.h"

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

}  // namespace nolabel
