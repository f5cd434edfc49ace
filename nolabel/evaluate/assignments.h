// The result of clustering: one row per image, in data set order.
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/base/npy.h"

namespace nolabel {

struct Assignment {
  int cluster;
  float confidence;  // probability of `cluster`
  int runner_up;     // -1 when there is only one cluster
  float runner_up_confidence;
};

// probabilities [N,C] -> the two most probable clusters of each image (ties to the lower number).
std::vector<Assignment> assign(const Matrix<float>& probabilities);

// The cluster of each image, [N].
std::vector<int> clusters_of(const std::vector<Assignment>& assignments);

// The images of each cluster, most confident first (ties in data set order).
std::vector<std::vector<int64_t>> members_by_confidence(const std::vector<Assignment>& assignments,
                                                        int cluster_count);

}  // namespace nolabel
