#include "nolabel/pipeline/run_report.h"

#include <sstream>

#include "nolabel/base/csv.h"
#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/evaluate/prototypes.h"
#include "nolabel/image/encode.h"
#include "nolabel/pipeline/edited_stage.h"
#include "nolabel/pipeline/kept_report.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/report_editor.h"
#include "nolabel/pipeline/run_tree.h"
#include "nolabel/report/assignments_csv.h"
#include "nolabel/report/cluster_names.h"
#include "nolabel/report/confusion_picture.h"
#include "nolabel/report/file_url.h"
#include "nolabel/report/prototypes_sheet.h"
#include "nolabel/report/report_html.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// The objects of every stage's metrics.jsonl, in the order of the stages.
nlohmann::json training_curves(const RunDirectory& run) {
  nlohmann::json curves = nlohmann::json::array();
  for (const char* stage : {"pretext", "scan", "selflabel"}) {
    const fs::path file = run.stage(stage) / "metrics.jsonl";
    if (!fs::exists(file)) continue;
    std::istringstream lines(read_file(file));
    for (std::string line; std::getline(lines, line);) {
      nlohmann::json record = nlohmann::json::parse(line, nullptr, false);
      if (record.is_object()) curves.push_back(std::move(record));
    }
  }
  return curves;
}

std::string title_of(const Subject& subject, const RunDirectory& run) {
  if (!subject.images) return run.path().filename().string();
  const fs::path root = subject.folder.empty() ? run.path() : subject.folder;
  return (root.has_filename() ? root : root.parent_path()).filename().string();
}

// For the reader of a report.
std::string method_description(ClusterStage stage) {
  switch (stage) {
    case ClusterStage::kmeans:
      return "k-means of the features";
    case ClusterStage::consensus:
      return "consensus of many k-means runs in the neighbor metric";
    case ClusterStage::communities:
      return "communities of the neighbor graph";
    case ClusterStage::scan:
      return "SCAN";
    case ClusterStage::edited:
      return "clusters corrected by a person";
    case ClusterStage::selflabel:
      return "SCAN, then self-labelling";
  }
  return "";
}

// "1350: 299 near-duplicates, 63 unsure"
std::string images_text(const std::vector<ImageStatus>& statuses) {
  std::string text = std::to_string(statuses.size());
  const char* separator = ": ";
  for (const auto& [status, name] :
       {std::pair(ImageStatus::duplicate, "near-duplicates"),
        std::pair(ImageStatus::unsure, "unsure"), std::pair(ImageStatus::junk, "junk")}) {
    const auto count = std::ranges::count(statuses, status);
    if (count == 0) continue;
    text += format("{}{} {}", separator, count, name);
    separator = ", ";
  }
  return text;
}

std::vector<ReportFact> facts_of(const RunDirectory& run, const Subject& subject,
                                 const std::vector<ImageStatus>& statuses, int clusters) {
  std::string count = std::to_string(clusters);
  if (const auto& found = run.state().found; found && found->waiting.empty()) {
    count += format(" (a person's; nolabel found {})", found->identities.size());
  } else if (const auto& range = run.state().cluster_range) {
    const bool fits = range->low <= clusters && clusters <= range->high;
    count += format(" (nolabel's estimate{}; {} to {} fit these images)",
                    fits ? "" : " for earlier images", range->low, range->high);
  }
  std::vector<ReportFact> facts = {{"Images", images_text(statuses)},
                                   {"Clusters", count},
                                   {"Backbone", subject.backbone.origin}};
  const std::string& effort = run.state().effort;
  if (!effort.empty()) facts.push_back({"Effort", effort});
  facts.push_back({"Method", method_description(*cluster_stage(chosen_stage(run)))});
  return facts;
}

// What is not shown comes last in every cluster.
std::vector<Assignment> shown_assignments(const ReportData& data) {
  std::vector<Assignment> assignments = data.assignments;
  for (size_t i = 0; i < assignments.size(); ++i) {
    if (!data.is_shown(static_cast<int64_t>(i))) assignments[i].confidence = -1;
  }
  return assignments;
}

// By stage, as their sidecars have them.
nlohmann::json settings_of(const RunDirectory& run) {
  nlohmann::json settings = nlohmann::json::object();
  const auto add = [&settings](const char* stage, const fs::path& artifact) {
    nlohmann::json found = sidecar_settings(artifact);
    if (found.is_object()) settings[stage] = std::move(found);
  };
  add("simclr", run.model("pretext"));
  add("mine", run.train_neighbors());
  for (const ClusterStage stage : all_cluster_stages)
    add(stage_name(stage), run.model(stage_name(stage)));
  return settings;
}

// Shares of each class taken for another; "none": in a cluster that is no class.
std::string confusion_csv(const LabelEvaluation& evaluation,
                          const std::vector<std::string>& class_names) {
  const Matrix<float>& confusion = evaluation.confusion;
  std::vector<std::string> row = {"class"};
  row.insert(row.end(), class_names.begin(), class_names.end());
  if (confusion.columns > confusion.rows) row.emplace_back("none");
  std::string text = csv_row(row);
  for (int64_t i = 0; i < confusion.rows; ++i) {
    row = {class_names[static_cast<size_t>(i)]};
    for (int64_t j = 0; j < confusion.columns; ++j) row.push_back(format("{}", confusion.at(i, j)));
    text += csv_row(row);
  }
  return text;
}

// "cats", "cluster 3" or, where the cluster has no name and agrees with a class, "3: frog".
std::vector<std::string> cluster_titles(const std::vector<ClusterIdentity>& identities,
                                        const ReportMethod& figures,
                                        const std::vector<std::string>& class_names) {
  std::vector<std::string> titles;
  for (const ClusterIdentity& identity : identities) titles.push_back(cluster_title(identity));
  if (!figures.labels) return titles;
  const std::vector<int> classes = agreeing_classes(*figures.labels);
  for (size_t k = 0; k < titles.size(); ++k) {
    if (classes[k] < 0 || !identities[k].name.empty()) continue;
    titles[k] = format("{}: {}", identities[k].id, class_names.at(classes[k]));
  }
  return titles;
}

void write_assignments(const fs::path& file, const Subject& subject, const SubjectSplit& split,
                       const AssignedImages& images,
                       const std::vector<ClusterIdentity>& identities) {
  AssignmentTable table{.names = split.names,
                        .assignments = assign(images.probabilities),
                        .statuses = images.statuses,
                        .labels = {},
                        .identities = identities};
  for (const int label : split.labels) table.labels.push_back(subject.class_names[label]);
  write_file(file, assignments_csv(table));
}

// `features` [given,D] and what `subject` points to must outlive the result.
ReportData report_data(const RunDirectory& run, const Subject& subject,
                       const ClusteredRun& clustered, const AssignedImages& given,
                       const Matrix<float>& features, const Environment& environment) {
  const Clustering& shown = clustered.train.clusterings.front();
  const SubjectSplit& split = subject.given;
  ReportData data;
  data.title = title_of(subject, run);
  data.cluster_count = static_cast<int>(shown.probabilities.columns);
  data.facts = facts_of(run, subject, given.statuses, data.cluster_count);
  data.warnings = run.state().warnings;
  if (std::string text = waiting_edits(run.path(), run.state()); !text.empty()) {
    data.warnings.push_back(std::move(text));
  }
  data.identities = identities_of(run.state(), data.cluster_count);
  data.assignments = assign(given.probabilities);
  data.statuses = given.statuses;
  data.names = split.names;
  data.images = split.dataset;
  if (subject.images) {
    data.skipped = subject.images->skipped;
    data.labels_from_folders = subject.images->labels_from_folders && !split.labels.empty();
  }
  if (!subject.folder.empty()) {
    data.folder = subject.folder;
    data.originals = folder_url(fs::absolute(subject.folder), fs::absolute(run.path()));
  }
  data.features = &features;
  data.prototypes = find_prototypes(shown_assignments(data), features, data.cluster_count);
  if (auto tree = write_merge_tree(run, subject, given, environment)) {
    const bool in_seconds = run.state().clusters > 0 && run.state().effort != "full";
    data.tree = {std::move(tree->part), std::move(tree->cluster_of), std::move(tree->merges),
                 in_seconds};
  }
  data.choice = run.state().choice;
  data.methods = clustered.train.figures;
  data.validation_methods = clustered.validation_figures();
  if (const std::string text = labels_text(subject.backbone.labels); !text.empty()) {
    data.backbone_labels = text;
  }
  data.labels = split.labels;
  data.class_names = subject.class_names;
  data.curves = training_curves(run);
  data.settings = settings_of(run);
  data.seed = environment.seed;
  data.threads = environment.threads;
  data.editor = static_editor(run, subject, given);
  data.made_from = report_hash(run.path(), subject);
  return data;
}

}  // namespace

RunFiles write_run_files(const RunDirectory& run, const Subject& subject,
                         const ClusteredRun& clustered, const RunAssignments& assigned,
                         const Environment& environment) {
  const RunFiles files{.assignments = run.path() / "assignments.csv",
                       .report = run.path() / "report.html"};
  const auto identities = identities_of(run.state(), assigned.given.probabilities.columns);
  write_assignments(files.assignments, subject, subject.given, assigned.given, identities);
  if (assigned.validation) {
    write_assignments(run.path() / "assignments-validation.csv", subject, *subject.validation,
                      *assigned.validation, identities);
  }
  const Matrix<float> features = to_matrix(subject.given.features);
  write_file(files.report, report_html(report_data(run, subject, clustered, assigned.given,
                                                   features, environment)));
  return files;
}

std::vector<fs::path> write_evaluation_files(const fs::path& directory, const Subject& subject,
                                             const SubjectSplit& split,
                                             const Evaluation& evaluation,
                                             const ReportMethod& figures,
                                             const std::vector<ClusterIdentity>& identities,
                                             bool prototypes) {
  std::vector<fs::path> written;
  const auto write = [&](const char* name, const std::string& content) {
    written.push_back(directory / name);
    write_file(written.back(), content);
  };
  if (figures.labels) {
    write("confusion_matrix.png",
          encode_png(confusion_picture(figures.labels->confusion, subject.class_names).view()));
    write("confusion_matrix.csv", confusion_csv(*figures.labels, subject.class_names));
  }
  if (split.dataset && prototypes) {
    const auto clusters = static_cast<int>(evaluation.probabilities.columns);
    const Image sheet = prototypes_sheet(
        *split.dataset,
        find_prototypes(assign(evaluation.probabilities), evaluation.features, clusters),
        cluster_titles(identities, figures, subject.class_names));
    write("prototypes.png", encode_png(sheet.view()));
  }
  return written;
}

}  // namespace nolabel
