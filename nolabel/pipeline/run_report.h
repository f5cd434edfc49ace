// What a run leaves for people: figures of each method, assignments.csv and report.html.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/pipeline/subject.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/report/report_data.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// A model's (or k-means') view of one side of the subject.
struct Clustering {
  std::string name;             // "SCAN", "self-label", "k-means"
  Matrix<float> probabilities;  // [N,C]; one-hot for hard clusters
  bool has_confidence = true;
};

// Clusterings of one side by the run's models of these stages.
std::vector<Clustering> model_clusterings(const RunDirectory& run, const Subject& subject,
                                          const SubjectSide& side,
                                          const std::vector<std::string>& stages,
                                          const Environment& environment);

// The same, and by k-means with as many clusters on the same features (unit length), last, if there
// are images enough.
std::vector<Clustering> clusterings(const RunDirectory& run, const Subject& subject,
                                    const SubjectSide& side, const std::vector<std::string>& stages,
                                    const Environment& environment);

// False when a stage's training changed the backbone, so that the subject's features are no longer
// those of the stage's model.
bool backbone_is_frozen(const RunDirectory& run, const std::string& stage);

// Figures of each; neighbor agreement uses `neighbors`, mined on this side, if there are any.
std::vector<ReportMethod> figures_of(const std::vector<Clustering>& clusterings,
                                     const Subject& subject, const SubjectSide& side,
                                     const std::optional<Matrix<int64_t>>& neighbors,
                                     const Environment& environment);

// assignments.csv of one side.
void write_assignments(const std::filesystem::path& file, const Clustering& clustering,
                       const Subject& subject, const SubjectSide& side);

// confusion_matrix.{png,csv} (with labels) and, if asked for, prototypes.png (with images) of one
// side; returns the files.
std::vector<std::filesystem::path> write_evaluation_files(
    const std::filesystem::path& directory, const Subject& subject, const SubjectSide& side,
    const Evaluation& evaluation, const ReportMethod& figures, bool prototypes);

// report.html about the training side; the first clustering is the one that is shown. Facts,
// warnings and settings are what run.json and the sidecars of the run say.
void write_report(const RunDirectory& run, const Subject& subject,
                  const std::vector<Clustering>& clusterings,
                  const std::vector<ReportMethod>& methods, const Environment& environment);

}  // namespace nolabel
