// A run that is being edited: its images, features and found clusters are loaded once, and each
// document of edits takes effect at once; the model and the report follow when they are asked for.
#pragma once

#include <optional>
#include <vector>

#include "nolabel/edits/edited_clusters.h"
#include "nolabel/edits/edits_file.h"
#include "nolabel/pipeline/found_clusters.h"
#include "nolabel/pipeline/found_view.h"
#include "nolabel/pipeline/run_report.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

class EditSession {
 public:
  // What is given must outlive it. `subject` is what the run is about (load_subject()). Throws
  // Error(Fault::usage) when the run's clusters were found anew by other commands than `cluster`
  // after edits had been made, or its images have changed since.
  EditSession(RunDirectory& run, const Subject& subject, const Environment& environment);

  const EditedClusters& now() const { return now_; }
  const std::vector<AppliedEdits>& log() const { return log_; }
  const std::vector<ContentId>& contents() const { return found_.contents; }

  // What the run shows once it is finished: now(), or what nolabel found, where the edits wait.
  EditedClusters shown() const;
  bool waits() const;  // whether the edits wait (edited_stage.h)
  // Whether the chosen model is that of the edits, or they wait (follows_edits()).
  bool is_finished() const;

  // Applies a document, or nothing of it (prepare()), and writes edit-log.json.
  void apply(const Edits& edits, const std::filesystem::path& file);
  // Takes the last document back and writes edit-log.json; false when there is none.
  bool undo();

  // Brings the chosen model, run.json, assignments.csv and the report up to date.
  RunFiles finish() { return finish(environment_); }
  // The same with another observer.
  RunFiles finish(const Environment& environment);

 private:
  void replay_log();
  void remember_what_was_found();
  std::vector<int> split(const std::vector<int64_t>& images, int into);

  RunDirectory& run_;
  const Subject& subject_;
  const Environment& environment_;
  FoundView view_;
  std::vector<ClusterIdentity> identities_;  // found
  FoundClusters found_;
  std::vector<AppliedEdits> log_;
  EditedClusters now_;
};

}  // namespace nolabel
