// The two clustering stages, each as one call: SCAN, and self-labelling of its best model.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "nolabel/pipeline/measurement.h"
#include "nolabel/pipeline/run_subject.h"

namespace nolabel {

struct ScanRequest {
  RunRequest run;
  SubjectRequest subject;
  int clusters = 0;  // 0: as many as there are classes
  ScanStageSettings settings = published_scan(32);
};
void declare(SettingTables& tables, ScanRequest& request);

struct SelflabelRequest {
  RunRequest run;
  SubjectRequest subject;
  SelflabelStageSettings settings = published_selflabel(32);
};
void declare(SettingTables& tables, SelflabelRequest& request);

struct ClusterStageOutcome {
  std::filesystem::path model;
  bool trained = false;     // false: the model that was there is current
  int64_t images = 0;       // that were trained on
  std::string final_stage;  // the chosen model from now on: "consensus", "scan" …
  // On the validation images (or the training images where there are no others), if they have
  // labels.
  std::optional<Measurement> evaluation;
};
nlohmann::json stage_json(const ClusterStageOutcome& outcome);

// Trains what is missing, continues where an earlier call stopped, and keeps what is current.
// Throws Error: usage (settings, no backbone, a stage made differently without force), data,
// system, stopped.
ClusterStageOutcome scan(SettingTables& tables, ScanRequest& request, const Observer& observer);
ClusterStageOutcome selflabel(SettingTables& tables, SelflabelRequest& request,
                              const Observer& observer);

}  // namespace nolabel
