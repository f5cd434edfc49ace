// Measuring as one call: the model of a run, or of a weights file.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>

#include "nolabel/pipeline/measurement.h"
#include "nolabel/pipeline/run_subject.h"

namespace nolabel {

struct EvalRequest {
  RunRequest run;
  SubjectRequest subject;
  std::string model = "final";  // scan, selflabel, final (the one the run chose) or a weights file
  RunSplit split = RunSplit::validation;
  MeasurementFiles files;
};
void declare(SettingTables& tables, EvalRequest& request);

// A pretext model: the share of an image's nearest neighbors that have its label.
struct PretextMeasurement {
  std::filesystem::path model;
  std::string data;  // fingerprint of the measured images
  int64_t images = 0;
  std::map<int, double> neighbor_accuracy;  // by k
  std::string backbone_labels;              // whose labels trained the backbone
  std::filesystem::path file;               // metrics.json
};

struct EvalOutcome {
  std::variant<Measurement, PretextMeasurement> measured;
};
nlohmann::json eval_json(const EvalOutcome& outcome);

// Throws Error: usage (no such model; a pretext model on images without labels), data, system,
// stopped. A run must exist: nothing is made but the files of the measurement.
EvalOutcome eval(SettingTables& tables, EvalRequest& request, const Observer& observer);

}  // namespace nolabel
