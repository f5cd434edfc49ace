// What a run leaves for people: figures of each method, assignments.csv and report.html.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/pipeline/run_directory.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/report/report_data.h"

namespace nolabel {

// A model's (or k-means') view of one side of the subject.
struct Clustering {
  std::string name;             // "SCAN", "self-label", "k-means"
  Matrix<float> probabilities;  // [N,C]; one-hot for hard clusters
  bool has_confidence = true;
};

// Clusterings of one side by the run's models in the order given by `stages`, and by k-means on the
// same features (unit length), last.
std::vector<Clustering> clusterings(const RunDirectory& run, const Subject& subject,
                                    const SubjectSide& side, bool frozen,
                                    const std::vector<std::string>& stages, int clusters,
                                    const Environment& environment);

// Figures of each; neighbor agreement uses `neighbors`, mined on this side.
std::vector<ReportMethod> figures_of(const std::vector<Clustering>& clusterings,
                                     const Subject& subject, const SubjectSide& side,
                                     const Matrix<int64_t>& neighbors,
                                     const Environment& environment);

// assignments.csv of one side.
void write_assignments(const std::filesystem::path& file, const Clustering& clustering,
                       const Subject& subject, const SubjectSide& side);

// confusion_matrix.png (with labels) and prototypes.png (with images) of one side; returns the
// files.
std::vector<std::filesystem::path> write_evaluation_pictures(const std::filesystem::path& directory,
                                                             const Subject& subject,
                                                             const SubjectSide& side,
                                                             const Evaluation& evaluation,
                                                             const ReportMethod& figures);

struct ReportText {
  std::vector<ReportFact> facts;
  std::vector<std::string> warnings;
  nlohmann::json settings;
};

// report.html about the training side; the first clustering is the one that is shown.
void write_report(const RunDirectory& run, const Subject& subject,
                  const std::vector<Clustering>& clusterings,
                  const std::vector<ReportMethod>& methods, const ReportText& text,
                  const Environment& environment);

}  // namespace nolabel
