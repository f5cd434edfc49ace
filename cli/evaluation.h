// What the commands that measure a clustering model show and leave behind.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "cli/frame/command_line.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/pipeline/trained_model.h"

namespace nolabel::cli {

struct EvaluationFiles {
  std::filesystem::path model;      // what is measured, for metrics.json
  std::filesystem::path directory;  // of confusion_matrix.{png,csv}, prototypes.png, metrics.json
  bool prototypes = true;
  std::string save_features, save_probabilities;  // .npy files; empty: none
};

// Measures `trained` on one side of its subject and prints the tables; `neighbors` [N,k+1] of that
// side, for their agreement and the heads' objectives, or nothing. Returns the object of design.md,
// which metrics.json has too: figures_json(), the model's file, the fingerprint of the images,
// and with a table `head` and `heads`.
nlohmann::json show_evaluation(const CommandLine& line, TrainedModel& trained,
                               const Subject& subject, const SubjectSide& side,
                               const ClusterInputs& inputs,
                               const std::optional<Matrix<int64_t>>& neighbors,
                               const EvaluationFiles& files, const Environment& environment);

// Writes metrics.json into `directory`; returns the file.
std::filesystem::path write_metrics(const std::filesystem::path& directory,
                                    const nlohmann::json& result);

}  // namespace nolabel::cli
