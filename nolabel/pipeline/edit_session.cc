#include "nolabel/pipeline/edit_session.h"

#include <ATen/ATen.h>

#include "nolabel/base/error.h"
#include "nolabel/cluster/kmeans.h"
#include "nolabel/edits/prepared_edits.h"
#include "nolabel/pipeline/edited_stage.h"
#include "nolabel/pipeline/training_images.h"
#include "nolabel/pipeline/yardstick.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// The clusters of the chosen model, in a run that has no found.csv of these images: one of the
// stages, of an older version, or of the published program.
FoundClusters clusters_of_model(const RunDirectory& run, const Subject& subject,
                                const std::vector<ClusterIdentity>& identities,
                                const Environment& environment) {
  const ClusteredRun clustered = clustered_run(run, subject, environment);
  const RunAssignments assigned = assigned_images(run, subject, clustered, environment);
  std::vector<int> cluster_of;
  for (const int64_t column : assigned_clusters(assigned.given.probabilities)) {
    cluster_of.push_back(identities.at(column).id);
  }
  return found_clusters(subject, std::move(cluster_of));
}

int64_t columns_of_model(const RunDirectory& run, const Environment& environment) {
  const std::string stage = chosen_stage(run);
  return load_trained_model(run.path(), stage, 0, environment).model.settings().clusters;
}

}  // namespace

EditSession::EditSession(RunDirectory& run, const Subject& subject, const Environment& environment)
    : run_(run),
      subject_(subject),
      environment_(environment),
      view_(run, subject, environment),
      log_(read_edit_log(run.path())) {
  RunState& state = run_.state();
  if (!state.final_stage && state.clusters > 0) {
    fail_usage(
        "{0} was being clustered again when it was interrupted. Run `nolabel cluster {0}`, "
        "with the --clusters that was asked for.",
        run_.path().string());
  }
  if (!state.final_stage) state.final_stage = cluster_stage(chosen_stage(run_));
  if (!log_.empty() && !state.found) {
    fail_usage(
        "{} is about clusters that the run has no more, because they were found anew. Move the "
        "file away to begin with the present clusters, or run `nolabel cluster {}`.",
        edit_log_file(run_.path()).string(), run_.path().string());
  }
  if (state.identities.empty()) {
    state.identities = identities_of(state, columns_of_model(run_, environment_));
  }
  identities_ = found_identities(state);
  std::optional<FoundClusters> found = read_found_clusters(run_.path());
  if (!found || found->contents != contents_of_given(subject_)) {
    if (!log_.empty()) {
      fail_usage(
          "found.csv of {0} must be about its images, but they have changed or the file is gone. "
          "Run `nolabel update {0}` first; the edits stay in force.",
          run_.path().string());
    }
    found = clusters_of_model(run_, subject_, identities_, environment_);
    write_found_clusters(run_.path(), *found);
  }
  found_ = std::move(*found);
  replay_log();
}

void EditSession::replay_log() {
  now_ = edited_by(found_, identities_, log_);
}

std::vector<int> EditSession::split(const std::vector<int64_t>& images, int into) {
  const at::Tensor features =
      view_.subject().given.features.index_select(0, at::tensor(images, at::kLong));
  const KmeansResult parts =
      kmeans(centered_unit_rows(features), {.clusters = into, .seed = environment_.seed},
             environment_.observer);
  return {parts.assignments.begin(), parts.assignments.end()};
}

bool EditSession::waits() const {
  return edits_wait(run_.state());
}

EditedClusters EditSession::shown() const {
  return waits() ? edited_by(found_, identities_, {}) : now_;
}

bool EditSession::is_finished() const {
  return follows_edits(run_.path(), run_.state());
}

// Before the first edit is kept: a program that is killed then leaves a run whose edits can be told
// from edits of clusters that are no more.
void EditSession::remember_what_was_found() {
  RunState& state = run_.state();
  if (state.found) return;
  state.found = RunState::Found{.stage = *state.final_stage, .identities = identities_};
  run_.save();
}

void EditSession::apply(const Edits& edits, const fs::path& file) {
  AppliedEdits applied = prepare(
      edits, now_, subject_.given.names, found_.contents,
      [this](int, const std::vector<int64_t>& images, int into) { return split(images, into); },
      file);
  std::vector<AppliedEdits> log = log_;
  log.push_back(std::move(applied));
  EditedClusters next = edited_by(found_, identities_, log);
  require_editable(subject_, next);
  remember_what_was_found();
  RunState& state = run_.state();
  state.next_cluster_id = std::max(state.next_cluster_id, next.next_id);
  run_.save();
  write_edit_log(run_.path(), log);
  log_ = std::move(log);
  now_ = std::move(next);
}

bool EditSession::undo() {
  if (!nolabel::undo(log_)) return false;
  write_edit_log(run_.path(), log_);
  replay_log();
  return true;
}

RunFiles EditSession::finish(const Environment& environment) {
  if (log_.empty()) {
    drop_edited_stage(run_);
  } else {
    bring_into_force(run_, subject_, now_, view_, environment);
  }
  run_.save();
  const ClusteredRun clustered = clustered_run(run_, subject_, environment);
  return write_run_files(run_, subject_, clustered,
                         assigned_images(run_, subject_, clustered, environment), environment);
}

}  // namespace nolabel
