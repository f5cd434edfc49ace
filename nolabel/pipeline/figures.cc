#include "nolabel/pipeline/figures.h"

#include <algorithm>

#include "nolabel/base/format.h"
#include "nolabel/report/evaluation_json.h"

namespace nolabel {
namespace {

std::string percent(const std::optional<double>& value) {
  return value ? format("{:.1f}", *value * 100) : "-";
}

}  // namespace

std::string stage_title(const std::string& stage) {
  if (stage == stage_name(ClusterStage::scan)) return "SCAN";
  if (stage == stage_name(ClusterStage::selflabel)) return "self-label";
  if (stage == stage_name(ClusterStage::edited)) return "corrected";
  return stage == stage_name(ClusterStage::kmeans) ? "k-means head" : stage;
}

ReportMethod compute_figures(std::string name, const Matrix<float>& probabilities,
                             const std::vector<int>& labels, int class_count,
                             const Matrix<int64_t>* neighbors, const Matrix<float>* features,
                             uint64_t seed, int threads) {
  ReportMethod method{.name = std::move(name),
                      .statistics = cluster_statistics(probabilities, neighbors, features,
                                                       {.seed = seed, .threads = threads}),
                      .labels = std::nullopt};
  if (!labels.empty()) method.labels = evaluate_labels(probabilities, labels, class_count);
  return method;
}

nlohmann::json figures_json(const ReportMethod& method) {
  nlohmann::json json = statistics_json(method.statistics);
  json["method"] = method.name;
  if (method.labels) json.update(labels_json(*method.labels));
  return json;
}

nlohmann::json figures_json(const std::vector<ReportMethod>& methods) {
  nlohmann::json list = nlohmann::json::array();
  for (const ReportMethod& method : methods) list.push_back(figures_json(method));
  return list;
}

bool worse_without_labels(const ClusterStatistics& candidate, const ClusterStatistics& reference,
                          SelfLabelled trained) {
  constexpr double agreement_tolerance = 0.01, silhouette_tolerance = 0.02;  // less than a seed's
  if (candidate.empty_clusters > reference.empty_clusters) return true;
  const bool fewer_agree = candidate.neighbor_agreement.value_or(0) <
                           reference.neighbor_agreement.value_or(0) - agreement_tolerance;
  const bool is_surer = candidate.mean_confidence > reference.mean_confidence;
  if (fewer_agree && !(trained == SelfLabelled::network && is_surer)) return true;
  return candidate.silhouette.value_or(-1) <
         reference.silhouette.value_or(-1) - silhouette_tolerance;
}

ClusterStage final_stage(const ClusterStatistics& scan, const ClusterStatistics& selflabel,
                         SelfLabelled trained, const Observer& observer) {
  if (!worse_without_labels(selflabel, scan, trained)) return ClusterStage::selflabel;
  const auto figures = [](const ClusterStatistics& s) {
    return format("{} empty clusters, {} % of neighbors agree, confidence {} %{}", s.empty_clusters,
                  percent(s.neighbor_agreement), percent(s.mean_confidence),
                  s.silhouette ? format(", silhouette {:.3f}", *s.silhouette) : "");
  };
  observer.note(format(
      "self-labelling made the clusters worse ({}; before: {}): nolabel keeps the SCAN model",
      figures(selflabel), figures(scan)));
  return ClusterStage::scan;
}

Matrix<float> one_hot(const std::vector<int64_t>& clusters, int cluster_count) {
  Matrix<float> rows(static_cast<int64_t>(clusters.size()), cluster_count);
  for (size_t i = 0; i < clusters.size(); ++i) rows.at(static_cast<int64_t>(i), clusters[i]) = 1;
  return rows;
}

std::string figures_table(const std::vector<ReportMethod>& rows) {
  const bool labels = std::any_of(rows.begin(), rows.end(),
                                  [](const ReportMethod& row) { return row.labels.has_value(); });
  const bool information = std::ranges::any_of(rows, [](const ReportMethod& row) {
    return row.statistics.neighbor_information.has_value();
  });
  std::string text = format("{:<12}", "");
  if (information) text += format("{:>13}", "information");
  text += format("{:>12}{:>12}{:>12}{:>12}", "agreement", "silhouette", "confidence", "clusters");
  if (labels) text += format("{:>8}{:>8}{:>8}", "ACC", "NMI", "ARI");
  for (const ReportMethod& row : rows) {
    const ClusterStatistics& s = row.statistics;
    text += format("\n{:<12}", row.name);
    if (information) text += format("{:>13}", percent(s.neighbor_information));
    text += format("{:>12}{:>12}{:>12}{:>12}", percent(s.neighbor_agreement),
                   s.silhouette ? format("{:.3f}", *s.silhouette) : "-",
                   row.has_confidence ? percent(s.mean_confidence) : "-",
                   format("{}/{}", s.sizes.size() - s.empty_clusters, s.sizes.size()));
    if (row.labels) {
      text += format("{:>8}{:>8}{:>8}", percent(row.labels->acc), percent(row.labels->nmi),
                     percent(row.labels->ari));
    }
  }
  return text;
}

}  // namespace nolabel
