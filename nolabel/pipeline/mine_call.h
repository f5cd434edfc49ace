// Mining as one call: both neighbor tables of a run.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/run_subject.h"

namespace nolabel {

struct MineRequest {
  RunRequest run;
  SubjectRequest subject;
  MineSettings settings;
  bool before_head = false;   // mine on the backbone's features, as published for MoCo
  std::string save_features;  // .npy file for the mined features [N,D]; empty: none
};
void declare(SettingTables& tables, MineRequest& request);

struct MineOutcome {
  MinedTables tables;
  std::filesystem::path train_table, validation_table;  // .npy
  std::string backbone;                                 // where the features come from, for people
  std::string backbone_labels;                          // whose labels trained it
  bool has_validation = false;  // false: the validation table is of the training images
};
nlohmann::json mine_json(const MineOutcome& outcome);

// Mines the tables that are missing and keeps current ones. Throws Error: usage (settings, or
// tables made differently without force), data, system, stopped.
MineOutcome mine(SettingTables& tables, MineRequest& request, const Observer& observer);

// The same for a subject that is already loaded. `before_head` is that of MineRequest.
MineOutcome mine_subject(const RunDirectory& run, const Subject& subject, bool before_head,
                         const MineSettings& settings, const Environment& environment);

// Call this before the first computation. It refuses a search that this build lacks, and settles
// the advice that a long exact search gives.
void settle_search(MineSettings& settings);

}  // namespace nolabel
