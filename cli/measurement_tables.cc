#include "cli/measurement_tables.h"

#include <algorithm>

#include "cli/frame/columns.h"
#include "nolabel/base/format.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/figures.h"

namespace nolabel::cli {
namespace {

// Names longer than this are cut in the middle, so that the numbers beside them stay on the screen.
constexpr size_t widest_name = 32;

size_t name_width(const std::vector<std::string>& class_names, size_t at_least) {
  size_t width = at_least;
  for (const std::string& name : class_names) width = std::max(width, columns_of(name));
  return std::min(width, widest_name);
}

std::string table_of_classes(const LabelEvaluation& evaluation,
                             const std::vector<std::string>& class_names) {
  const size_t width = name_width(class_names, 10);
  std::string text = format("\n{}{:>8}{:>9}{:>9}{:>11}\n", padded("class", width), "images",
                            "cluster", "recall", "precision");
  for (const ClassRow& row : evaluation.per_class) {
    text += format("{}{:>8}{:>9}{:>8.1f}%{:>10.1f}%\n", padded(class_names[row.class_index], width),
                   row.images, row.cluster < 0 ? "-" : std::to_string(row.cluster),
                   row.recall * 100, row.precision * 100);
  }
  return text;
}

std::string table_of_clusters(const LabelEvaluation& evaluation,
                              const std::vector<std::string>& class_names) {
  const size_t width = name_width(class_names, 12);
  std::string text = format("\n{:<8}{:>8}  {}  {}{:>7}\n", "cluster", "images",
                            padded("matched with", width), padded("mostly", width), "purity");
  const auto name = [&](int index) {
    return padded(index < 0 ? std::string("-") : class_names[index], width);
  };
  int empty = 0;
  for (const ClusterRow& row : evaluation.per_cluster) {
    if (row.images == 0) {
      ++empty;
      continue;
    }
    text += format("{:<8}{:>8}  {}  {}{:>6.1f}%\n", row.cluster, row.images,
                   name(row.matched_class), name(row.majority_class), row.purity * 100);
  }
  if (empty > 0) text += format("{} clusters without images are left out\n", empty);
  return text;
}

// In percent of each class; only as wide as a terminal: the picture and the JSON have all of it.
std::string confusion_table(const LabelEvaluation& evaluation,
                            const std::vector<std::string>& class_names) {
  constexpr int64_t widest = 20;
  const Matrix<float>& confusion = evaluation.confusion;
  if (confusion.columns > widest) return "";
  const size_t width = name_width(class_names, 18) + 3;  // and the class's number before its name
  std::string text = format("\n{}", padded("% of class taken for", width));
  for (int64_t column = 0; column < confusion.columns; ++column) {
    text += column < confusion.rows ? format("{:>5}", column) : std::string(" none");
  }
  text += "\n";
  for (int64_t row = 0; row < confusion.rows; ++row) {
    text += padded(format("{} {}", row, class_names[static_cast<size_t>(row)]), width);
    for (int64_t column = 0; column < confusion.columns; ++column) {
      text += format("{:>5.0f}", confusion.at(row, column) * 100);
    }
    text += "\n";
  }
  return text;
}

// One row per head where there is a choice between them.
std::string table_of_heads(const std::vector<HeadScore>& heads, int best) {
  std::string text = format("\n{:<8}{:>12}{:>9}{:>9}\n", "head", "consistency", "entropy", "total");
  for (size_t h = 0; h < heads.size(); ++h) {
    text += format("{:<8}{:>12.4f}{:>9.4f}{:>9.4f}{}\n", h, heads[h].consistency, heads[h].entropy,
                   heads[h].total, static_cast<int>(h) == best ? "  chosen" : "");
  }
  return text;
}

}  // namespace

void print_measurement(const CommandLine& line, const Measurement& measurement) {
  line.print(figures_table({measurement.figures}) + "\n");
  if (measurement.heads.size() > 1) {
    line.print(table_of_heads(measurement.heads, measurement.head));
  }
  if (const auto& labels = measurement.figures.labels) {
    line.print(format("AMI {:.1f} %, top-{} {:.1f} %\n", labels->ami * 100,
                      std::min(labels->clusters, 5), labels->top5 * 100) +
               table_of_classes(*labels, measurement.class_names) +
               table_of_clusters(*labels, measurement.class_names) +
               confusion_table(*labels, measurement.class_names));
  }
  print_labels(line, measurement.backbone_labels);
  for (const auto& file : measurement.files) line.print(format("{}\n", file.string()));
}

void print_labels(const CommandLine& line, const std::string& backbone_labels) {
  if (backbone_labels.empty() || backbone_labels == labels_none) return;
  line.print(format("\n{}\n", labels_text(backbone_labels)));
}

void print_split_figures(const CommandLine& line, const std::vector<ReportMethod>& train,
                         const std::vector<ReportMethod>& validation) {
  const auto table = [&line](const char* title, const std::vector<ReportMethod>& methods) {
    if (!methods.empty()) line.print(format("\n{}\n{}\n", title, figures_table(methods)));
  };
  table("Training images", train);
  table("Validation images (not trained on)", validation);
}

nlohmann::json range_json(const std::optional<RunState::ClusterRange>& range) {
  if (!range) return nullptr;
  return {range->low, range->high};
}

}  // namespace nolabel::cli
