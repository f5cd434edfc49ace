// What a run leaves for people: assignments.csv, pictures and report.html.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/pipeline/assigned_images.h"
#include "nolabel/pipeline/run_clusterings.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/report/report_data.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

struct RunFiles {
  std::filesystem::path assignments, report;
};

// Writes what a run shows: assignments.csv and assignments-validation.csv, and report.html about
// the training images. Facts, warnings and settings of the report are what run.json and the
// sidecars of the run say.
RunFiles write_run_files(const RunDirectory& run, const Subject& subject,
                         const ClusteredRun& clustered, const RunAssignments& assigned,
                         const Environment& environment);

// confusion_matrix.{png,csv} (with labels) and, if asked for, prototypes.png (with images) of one
// split; returns the files.
std::vector<std::filesystem::path> write_evaluation_files(
    const std::filesystem::path& directory, const Subject& subject, const SubjectSplit& split,
    const Evaluation& evaluation, const ReportMethod& figures,
    const std::vector<ClusterIdentity>& identities, bool prototypes);

}  // namespace nolabel
