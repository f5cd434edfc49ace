#include "nolabel/evaluate/label_evaluation.h"

#include "nolabel/base/error.h"
#include "nolabel/evaluate/assignments.h"
#include "nolabel/evaluate/contingency.h"
#include "nolabel/evaluate/matching.h"
#include "nolabel/evaluate/metrics.h"

namespace nolabel {

LabelEvaluation evaluate_labels(std::span<const int> clusters, int cluster_count,
                                std::span<const int> labels, int class_count) {
  if (labels.empty()) fail_data("at least one labelled image is required. Received none.");
  const Matrix<int64_t> counts = contingency(clusters, labels, cluster_count, class_count);
  LabelEvaluation e;
  e.images = static_cast<int64_t>(labels.size());
  e.clusters = cluster_count;
  e.classes = class_count;
  e.matching = match_clusters(counts);
  e.acc = accuracy(counts, e.matching);
  e.top5 = e.acc;
  e.nmi = normalized_mutual_information(counts);
  e.ami = adjusted_mutual_information(counts);
  e.ari = adjusted_rand_index(counts);
  e.per_class = class_table(counts, e.matching);
  e.per_cluster = cluster_table(counts, e.matching);
  e.confusion = confusion_matrix(counts, e.matching);
  return e;
}

LabelEvaluation evaluate_labels(const Matrix<float>& probabilities, std::span<const int> labels,
                                int class_count) {
  LabelEvaluation e = evaluate_labels(clusters_of(assign(probabilities)),
                                      static_cast<int>(probabilities.columns), labels, class_count);
  e.top5 = top_n_accuracy(probabilities, labels, e.matching, 5);
  return e;
}

}  // namespace nolabel
