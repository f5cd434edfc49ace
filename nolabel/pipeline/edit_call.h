// A person's corrections of a run's clusters, as one call each: apply, undo, and what is in force.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/edits/edit_log.h"
#include "nolabel/edits/edited_clusters.h"
#include "nolabel/edits/edits_file.h"
#include "nolabel/pipeline/edit_session.h"
#include "nolabel/pipeline/run_request.h"
#include "nolabel/pipeline/run_subject.h"

namespace nolabel {

struct EditRequest {
  std::string run;   // a run directory
  std::string file;  // of `apply`: edits.json as a person writes it (edits/edits_file.h); empty:
                     // only what is in force already is brought up to date
  RunRequest run_settings;
  SubjectRequest subject;
};
// Positional arguments are the command's own.
void declare(SettingTables& tables, EditRequest& request);

struct EditOutcome {
  std::vector<std::string> in_force;  // lines for people (edits/edit_description.h)
  // No model can learn these edits: what follows is what nolabel found (edited_stage.h).
  bool waiting = false;
  struct Cluster {
    ClusterIdentity identity;
    int64_t images = 0;  // without junk
  };
  std::vector<Cluster> clusters;
  int64_t junk = 0;
  int64_t changed = 0;  // images whose cluster or status as junk is another than before the call
  std::filesystem::path assignments, report;
  double seconds = 0;
};

// Of what a session shows; without the files and the change.
EditOutcome edit_outcome(const EditSession& session);

// Applies the document, or refuses all of it: Error(Fault::usage) names the cluster or path that
// does not exist. Then the model `edited`, assignments.csv and the report follow; what nolabel
// found is not forgotten.
EditOutcome apply_edits(SettingTables& tables, EditRequest& request, const Observer& observer);

// Takes the last document back. Error(Fault::usage) where there is none.
EditOutcome undo_edits(SettingTables& tables, EditRequest& request, const Observer& observer);

// What is in force; changes nothing and loads no image.
EditOutcome edits_in_force(const std::filesystem::path& run);

}  // namespace nolabel
