#include "nolabel/report/evaluation_json.h"

#include <numeric>

namespace nolabel {

using nlohmann::json;

json statistics_json(const ClusterStatistics& s) {
  json object = {{"images", std::accumulate(s.sizes.begin(), s.sizes.end(), int64_t{0})},
                 {"clusters", s.sizes.size()},
                 {"sizes", s.sizes},
                 {"empty_clusters", s.empty_clusters},
                 {"entropy", s.entropy},
                 {"mean_confidence", s.mean_confidence}};
  if (s.neighbor_agreement) object["neighbor_agreement"] = *s.neighbor_agreement;
  if (s.silhouette) object["silhouette"] = *s.silhouette;
  if (s.neighbor_information) object["neighbor_information"] = *s.neighbor_information;
  return object;
}

json labels_json(const LabelEvaluation& e) {
  json per_class = json::array(), per_cluster = json::array(), confusion = json::array();
  for (const ClassRow& row : e.per_class) {
    per_class.push_back({{"class", row.class_index},
                         {"images", row.images},
                         {"cluster", row.cluster},
                         {"recall", row.recall},
                         {"precision", row.precision},
                         {"f1", row.f1}});
  }
  for (const ClusterRow& row : e.per_cluster) {
    per_cluster.push_back({{"cluster", row.cluster},
                           {"images", row.images},
                           {"matched_class", row.matched_class},
                           {"majority_class", row.majority_class},
                           {"purity", row.purity}});
  }
  for (int64_t i = 0; i < e.confusion.rows; ++i) {
    confusion.push_back(
        std::vector<float>(e.confusion.row(i), e.confusion.row(i) + e.confusion.columns));
  }
  return {{"ACC", e.acc},
          {"NMI", e.nmi},
          {"AMI", e.ami},
          {"ARI", e.ari},
          {"top5", e.top5},
          {"matching", e.matching},
          {"images", e.images},
          {"clusters", e.clusters},
          {"classes", e.classes},
          {"per_class", std::move(per_class)},
          {"per_cluster", std::move(per_cluster)},
          {"confusion", std::move(confusion)}};
}

}  // namespace nolabel
