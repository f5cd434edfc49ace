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
  std::filesystem::path directory;  // of confusion_matrix.{png,csv} and prototypes.png
  bool prototypes = true;
  std::string save_features, save_probabilities;  // .npy files; empty: none
};

// Measures `trained` on one side of its subject and prints the tables; `neighbors` [N,k+1] of that
// side, for their agreement, or nothing. Returns the object of design.md (figures_json()).
nlohmann::json show_evaluation(const CommandLine& line, TrainedModel& trained,
                               const Subject& subject, const SubjectSide& side,
                               const ClusterInputs& inputs,
                               const std::optional<Matrix<int64_t>>& neighbors,
                               const EvaluationFiles& files, const Environment& environment);

}  // namespace nolabel::cli
