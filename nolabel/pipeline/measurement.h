// Measures a clustering model on one split of a subject. Programs get values, people get files.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/evaluate/assignments.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/report/report_data.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// The files that a measurement writes.
struct MeasurementFiles {
  std::filesystem::path directory;  // of confusion_matrix.{png,csv}, prototypes.png, metrics.json
  bool prototypes = true;
  std::string save_features, save_probabilities;  // .npy files; empty: none
};

struct Measurement {
  std::filesystem::path model;                // the file
  std::string data;                           // fingerprint of the measured images
  std::vector<std::string> names;             // [N]
  std::vector<Assignment> assignments;        // [N] by column
  std::vector<ClusterIdentity> identities{};  // [C] of the columns
  Matrix<float> probabilities;                // [N,C]
  Matrix<float> features;                     // [N,D]
  std::vector<std::string> class_names;       // empty without labels
  ReportMethod figures;
  std::string backbone_labels;  // whose labels trained the backbone (Backbone::labels)
  int head = 0;                 // the best of the model's heads
  // What SCAN chose its head by, of every head, on the images of that choice; empty where their
  // neighbor table is missing.
  std::vector<HeadScore> heads;
  std::vector<std::filesystem::path> files;  // written
};

// The stable object of `eval` (docs/formats.md), which metrics.json has too.
nlohmann::json measurement_json(const Measurement& measurement);

// Neighbor tables of a measurement. Without one, the figures that need it are missing.
struct MeasurementTables {
  std::optional<Matrix<int64_t>> agreement;  // [N,k+1] of the measured images
  std::optional<Matrix<int64_t>> selection;  // [M,k+1] of the images that heads are chosen on
  const SubjectSplit* selection_split = nullptr;
  const ClusterInputs* selection_inputs = nullptr;
  std::optional<Matrix<int64_t>> metric;  // [N,k+1] of the measured images in the neighbor metric
};

Measurement measure(TrainedModel& trained, const std::filesystem::path& model,
                    const Subject& subject, const SubjectSplit& split, const ClusterInputs& inputs,
                    const MeasurementTables& tables, const MeasurementFiles& files,
                    const Environment& environment);

// The same for a finished stage of a run ("consensus", "scan" …), with the run's tables: neighbor
// agreement by the table of the measured split, heads as SCAN chose them, by the validation table.
// A run without validation images has that table of its training images.
Measurement measure_stage(const RunDirectory& run, const std::string& stage, const Subject& subject,
                          const SubjectSplit& split, const MeasurementFiles& files,
                          const Environment& environment);

// Writes metrics.json into `directory`; returns the file.
std::filesystem::path write_metrics(const std::filesystem::path& directory,
                                    const nlohmann::json& result);

}  // namespace nolabel
