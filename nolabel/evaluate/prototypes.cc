#include "nolabel/evaluate/prototypes.h"

#include <cmath>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

constexpr size_t kCandidates = 10;  // of the published program

// The candidate whose feature is nearest to the candidates' mean; the first of equals.
int64_t nearest_to_mean(const std::vector<int64_t>& candidates, const Matrix<float>& features) {
  std::vector<double> mean(features.columns);
  for (int64_t i : candidates) {
    for (int64_t d = 0; d < features.columns; ++d) mean[d] += features.at(i, d);
  }
  for (double& m : mean) m /= static_cast<double>(candidates.size());

  int64_t nearest = -1;
  double least = INFINITY;
  for (int64_t i : candidates) {
    double distance = 0;
    for (int64_t d = 0; d < features.columns; ++d) {
      const double difference = features.at(i, d) - mean[d];
      distance += difference * difference;
    }
    if (nearest < 0 || distance < least) {
      nearest = i;
      least = distance;
    }
  }
  return nearest;
}

}  // namespace

std::vector<int64_t> find_prototypes(const std::vector<Assignment>& assignments,
                                     const Matrix<float>& features, int cluster_count) {
  if (features.rows != static_cast<int64_t>(assignments.size())) {
    fail_data("features must have a row for each of the {} images. Received {} rows.",
              assignments.size(), features.rows);
  }
  std::vector<int64_t> prototypes;
  for (auto& members : members_by_confidence(assignments, cluster_count)) {
    if (members.size() > kCandidates) members.resize(kCandidates);
    prototypes.push_back(nearest_to_mean(members, features));
  }
  return prototypes;
}

}  // namespace nolabel
