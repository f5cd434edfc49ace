// Everything that labels can say about a clustering, in one value.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nolabel/base/npy.h"
#include "nolabel/evaluate/label_tables.h"

namespace nolabel {

struct LabelEvaluation {
  int64_t images = 0;
  int clusters = 0, classes = 0;
  double acc = 0, nmi = 0, ami = 0, ari = 0;  // metrics.h
  double top5 = 0;                            // of all clusters when there are fewer than 5
  std::vector<int> matching;                  // [K] class of each cluster, -1: surplus
  std::vector<ClassRow> per_class;
  std::vector<ClusterRow> per_cluster;
  Matrix<float> confusion;  // [C, C or C+1], see confusion_matrix()
};

// From soft assignments: an image's cluster is the most probable one.
//   probabilities [N,K], labels [N] in 0..class_count-1
// Throws Error(Fault::data) when there is no image or a label is out of range.
LabelEvaluation evaluate_labels(const Matrix<float>& probabilities, std::span<const int> labels,
                                int class_count);

// From hard clusters (k-means): top-5 then equals ACC.
LabelEvaluation evaluate_labels(std::span<const int> clusters, int cluster_count,
                                std::span<const int> labels, int class_count);

}  // namespace nolabel
