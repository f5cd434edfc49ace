#include "nolabel/pipeline/cluster_warnings.h"

#include "nolabel/base/format.h"

namespace nolabel {

std::vector<std::string> cluster_warnings(const ClusterStatistics& chosen,
                                          const std::string& expectation) {
  // Measured: starter on CIFAR-10 test images 0.5-0.7; color histograms on photos 0.4.
  constexpr double weak_agreement = 0.5;
  std::vector<std::string> warnings;
  if (!expectation.empty()) {
    warnings.push_back(expectation);
  } else if (chosen.neighbor_agreement.value_or(1) < weak_agreement) {
    warnings.emplace_back(
        "the features are weak (neighbors are often in different clusters), so the groups may "
        "follow the look of the images more than their meaning");
  }
  if (chosen.empty_clusters > 0) {
    const auto clusters = std::ssize(chosen.sizes);
    warnings.push_back(format(
        "only {} of {} clusters have images; a smaller --clusters may fit these images better",
        clusters - chosen.empty_clusters, clusters));
  }
  return warnings;
}

}  // namespace nolabel
