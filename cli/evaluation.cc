#include "cli/evaluation.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/run_report.h"
#include "nolabel/record/json_text.h"
#include "nolabel/record/renamed.h"

namespace nolabel::cli {
namespace {

std::string table_of(const LabelEvaluation& evaluation,
                     const std::vector<std::string>& class_names) {
  std::string text = format("\n{:<24}{:>8}{:>9}{:>9}{:>11}\n", "class", "images", "cluster",
                            "recall", "precision");
  for (const ClassRow& row : evaluation.per_class) {
    text += format("{:<24}{:>8}{:>9}{:>8.1f}%{:>10.1f}%\n", class_names[row.class_index],
                   row.images, row.cluster < 0 ? "-" : std::to_string(row.cluster),
                   row.recall * 100, row.precision * 100);
  }
  return text;
}

std::string table_of_clusters(const LabelEvaluation& evaluation,
                              const std::vector<std::string>& class_names) {
  std::string text = format("\n{:<8}{:>8}  {:<24}{:<24}{:>7}\n", "cluster", "images",
                            "matched with", "mostly", "purity");
  const auto name = [&](int index) { return index < 0 ? std::string("-") : class_names[index]; };
  for (const ClusterRow& row : evaluation.per_cluster) {
    text += format("{:<8}{:>8}  {:<24}{:<24}{:>6.1f}%\n", row.cluster, row.images,
                   name(row.matched_class), name(row.majority_class), row.purity * 100);
  }
  return text;
}

// In percent of each class; only as wide as a terminal: the picture and the JSON have all of it.
std::string confusion_table(const LabelEvaluation& evaluation,
                            const std::vector<std::string>& class_names) {
  constexpr int64_t widest = 20;
  const Matrix<float>& confusion = evaluation.confusion;
  if (confusion.columns > widest) return "";
  std::string text = format("\n{:<24}", "% of class taken for");
  for (int64_t column = 0; column < confusion.columns; ++column) {
    text += column < confusion.rows ? format("{:>5}", column) : std::string(" none");
  }
  text += "\n";
  for (int64_t row = 0; row < confusion.rows; ++row) {
    text += format("{:<24}", format("{} {}", row, class_names[static_cast<size_t>(row)]));
    for (int64_t column = 0; column < confusion.columns; ++column) {
      text += format("{:>5.0f}", confusion.at(row, column) * 100);
    }
    text += "\n";
  }
  return text;
}

std::string tables_of(const LabelEvaluation& evaluation,
                      const std::vector<std::string>& class_names) {
  return format("AMI {:.1f} %, top-{} {:.1f} %\n", evaluation.ami * 100,
                std::min(evaluation.clusters, 5), evaluation.top5 * 100) +
         table_of(evaluation, class_names) + table_of_clusters(evaluation, class_names) +
         confusion_table(evaluation, class_names);
}

// One row per head where there is a choice between them.
std::string table_of_heads(const std::vector<HeadScore>& heads, int best) {
  std::string text = format("\n{:<8}{:>12}{:>9}{:>9}\n", "head", "consistency", "entropy", "total");
  for (size_t h = 0; h < heads.size(); ++h) {
    text += format("{:<8}{:>12.4f}{:>9.4f}{:>9.4f}{}\n", h, heads[h].consistency, heads[h].entropy,
                   heads[h].total, static_cast<int>(h) == best ? "  the model's" : "");
  }
  return text;
}

nlohmann::json to_json(const std::vector<HeadScore>& heads) {
  nlohmann::json list = nlohmann::json::array();
  for (const HeadScore& head : heads) {
    list.push_back(
        {{"entropy", head.entropy}, {"consistency", head.consistency}, {"total", head.total}});
  }
  return list;
}

}  // namespace

std::filesystem::path write_metrics(const std::filesystem::path& directory,
                                    const nlohmann::json& result) {
  const std::filesystem::path file = directory / "metrics.json";
  write_file(file, json_text(result, 2) + "\n");
  return file;
}

nlohmann::json show_evaluation(const CommandLine& line, TrainedModel& trained,
                               const Subject& subject, const SubjectSide& side,
                               const ClusterInputs& inputs,
                               const std::optional<Matrix<int64_t>>& neighbors,
                               const EvaluationFiles& files, const Environment& environment) {
  const Evaluation evaluation =
      evaluate(trained, inputs,
               renamed(environment.observer, format("embedding with the {} model", trained.stage)));
  const Matrix<float> yardstick = to_matrix(unit_rows(side.features));  // as in cluster's summary
  const ReportMethod figures = compute_figures(trained.stage, evaluation.probabilities, side.labels,
                                               static_cast<int>(subject.class_names.size()),
                                               neighbors ? &*neighbors : nullptr, &yardstick,
                                               environment.seed, environment.threads);
  if (!files.save_features.empty()) write_npy(files.save_features, evaluation.features);
  if (!files.save_probabilities.empty()) {
    write_npy(files.save_probabilities, evaluation.probabilities);
  }
  nlohmann::json result = figures_json(figures);
  result["model"] = std::filesystem::absolute(files.model).string();
  result["data"] = side.dataset ? side.dataset->fingerprint() : subject.data_fingerprint;
  line.print(figures_table({figures}) + "\n");
  if (neighbors) {
    const std::vector<HeadScore> heads = score_heads(trained, evaluation.features, *neighbors);
    result["head"] = trained.head;
    result["heads"] = to_json(heads);
    if (heads.size() > 1) line.print(table_of_heads(heads, trained.head));
  }
  if (figures.labels) line.print(tables_of(*figures.labels, subject.class_names));
  const auto written =
      write_evaluation_files(files.directory, subject, side, evaluation, figures, files.prototypes);
  for (const auto& file : written) line.print(format("{}\n", file.string()));
  line.print(format("{}\n", write_metrics(files.directory, result).string()));
  return result;
}

}  // namespace nolabel::cli
