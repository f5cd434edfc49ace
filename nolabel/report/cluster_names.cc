#include "nolabel/report/cluster_names.h"

#include "nolabel/base/error.h"

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

bool labels_are_folders(std::span<const std::string> names, std::span<const int> labels,
                        const std::vector<std::string>& class_names) {
  NOLABEL_ASSERT(labels.empty() || labels.size() == names.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) return false;
    const std::string folder = class_names.at(labels[i]) + "/";
    if (!names[i].starts_with(folder) && names[i].find("/" + folder) == std::string::npos)
      return false;
  }
  return !labels.empty();
}

}  // namespace nolabel
