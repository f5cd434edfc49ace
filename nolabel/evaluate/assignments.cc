#include "nolabel/evaluate/assignments.h"

#include <algorithm>

#include "nolabel/base/error.h"

namespace nolabel {

std::vector<Assignment> assign(const Matrix<float>& probabilities) {
  NOLABEL_ASSERT(probabilities.columns >= 1 || probabilities.rows == 0);
  std::vector<Assignment> result;
  result.reserve(probabilities.rows);
  for (int64_t i = 0; i < probabilities.rows; ++i) {
    const float* p = probabilities.row(i);
    Assignment a{.cluster = 0, .confidence = p[0], .runner_up = -1, .runner_up_confidence = 0};
    for (int c = 1; c < probabilities.columns; ++c) {
      if (p[c] > a.confidence) {
        a.runner_up = a.cluster;
        a.runner_up_confidence = a.confidence;
        a.cluster = c;
        a.confidence = p[c];
      } else if (a.runner_up < 0 || p[c] > a.runner_up_confidence) {
        a.runner_up = c;
        a.runner_up_confidence = p[c];
      }
    }
    result.push_back(a);
  }
  return result;
}

std::vector<int> clusters_of(const std::vector<Assignment>& assignments) {
  std::vector<int> clusters;
  clusters.reserve(assignments.size());
  for (const Assignment& a : assignments) clusters.push_back(a.cluster);
  return clusters;
}

std::vector<std::vector<int64_t>> members_by_confidence(const std::vector<Assignment>& assignments,
                                                        int cluster_count) {
  std::vector<std::vector<int64_t>> members(cluster_count);
  for (size_t i = 0; i < assignments.size(); ++i) {
    members[assignments[i].cluster].push_back(static_cast<int64_t>(i));
  }
  for (auto& m : members) {
    std::stable_sort(m.begin(), m.end(), [&](int64_t i, int64_t j) {
      return assignments[i].confidence > assignments[j].confidence;
    });
  }
  return members;
}

}  // namespace nolabel
