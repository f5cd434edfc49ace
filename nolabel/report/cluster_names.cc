#include "nolabel/report/cluster_names.h"

namespace nolabel {

std::vector<int> agreeing_classes(const LabelEvaluation& evaluation) {
  std::vector<int> classes(evaluation.clusters, -1);
  for (const ClassRow& row : evaluation.per_class) {
    if (row.cluster < 0 || row.images == 0) continue;
    const double chance = static_cast<double>(row.images) / static_cast<double>(evaluation.images);
    // Where all images are of one class, its name says nothing about a cluster.
    if (chance >= 1) continue;
    const double agreement = (row.precision - chance) / (1 - chance);
    if (agreement >= kLeastAgreement && row.recall >= kLeastShare) {
      classes[row.cluster] = row.class_index;
    }
  }
  return classes;
}

}  // namespace nolabel
