// The stage `edited`: a model of the clusters that a person has corrected, so that predictions of
// other images follow the corrections.
#pragma once

#include "nolabel/edits/edited_clusters.h"
#include "nolabel/pipeline/found_view.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// Whether a head can learn edited clusters: at least 2 are left, and as many images that train.
bool is_editable(const Subject& subject, const EditedClusters& edited);
// Throws Error(Fault::usage) when is_editable() is false.
void require_editable(const Subject& subject, const EditedClusters& edited);

// Fits one linear layer to what the found model sees of the images that train, without junk, and to
// their edited clusters, and leaves edited/model.pth.tar; kept while found.csv and edit-log.json
// are the same. The run's state then has it as the chosen model; the caller saves the state.
void make_edited_stage(RunDirectory& run, const Subject& subject, const EditedClusters& edited,
                       FoundView& view, const Environment& environment);

// Makes the edited stage, or where a head cannot learn the edited clusters, warns of it, and what
// nolabel found is the chosen model until the edits are changed (RunState::Found::waiting). Returns
// whether the edits are in force. The caller saves the state.
bool bring_into_force(RunDirectory& run, const Subject& subject, const EditedClusters& edited,
                      FoundView& view, const Environment& environment);

// Whether the run's edits wait: no model can learn them. Then waiting_edits() says so, as a
// sentence without its full stop; else it is empty.
bool edits_wait(const RunState& state);
std::string waiting_edits(const std::filesystem::path& run, const RunState& state);
// Tells the observer.
void note_waiting_edits(const std::filesystem::path& run, const RunState& state,
                        const Observer& observer);

// What nolabel found is the chosen model again, with its identities; edited/ stays as it is.
void choose_found(RunState& state);

// Without edits in force: the model that nolabel found is the chosen one again. The caller saves
// the state.
void drop_edited_stage(RunDirectory& run);

// Whether edited/model.pth.tar is of the run's present edit-log.json and found.csv.
bool is_of_present_edits(const std::filesystem::path& run);

// Whether the chosen model is that of the edits in force. It is not where a program was killed
// after it had kept an edit (EditSession), and `nolabel apply RUN` makes it so.
bool follows_edits(const std::filesystem::path& run, const RunState& state);

}  // namespace nolabel
