#include "nolabel/pipeline/edit_call.h"

#include <algorithm>
#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/edits/edit_description.h"
#include "nolabel/pipeline/edit_session.h"
#include "nolabel/pipeline/edited_stage.h"
#include "nolabel/report/assignments_csv.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// What the run shows of its clusters without edits: what was found.
EditedClusters present_clusters(const fs::path& run, const RunState& state) {
  if (const auto edited = edited_clusters(run, state)) return *edited;
  const std::optional<FoundClusters> found = read_found_clusters(run);
  if (found) return edited_by(*found, found_identities(state), {});
  // A run of an older version, or of the stages: its clusters have their numbers for ids.
  std::vector<int> clusters;
  if (const fs::path file = run / "assignments.csv"; fs::exists(file)) {
    clusters = clusters_of(read_assignments(file).assignments);
  }
  const int columns = clusters.empty() ? 0 : *std::ranges::max_element(clusters) + 1;
  return replay(identities_of(state, std::max<int64_t>(columns, std::ssize(state.identities))),
                clusters, std::vector<ContentId>(clusters.size()), {});
}

int64_t changed_images(const EditedClusters& was, const EditedClusters& is) {
  int64_t changed = 0;
  for (size_t i = 0; i < is.cluster_of.size(); ++i) {
    if (was.cluster_of[i] != is.cluster_of[i] || was.junk[i] != is.junk[i]) ++changed;
  }
  return changed;
}

// shown: what the run shows of its clusters; now: what the edits make of them
EditOutcome edits_shown(const EditedClusters& shown, const EditedClusters& now,
                        const std::vector<AppliedEdits>& log, bool waiting) {
  EditOutcome outcome;
  outcome.in_force = describe_edits(log, now.identities);
  outcome.waiting = waiting;
  for (const ClusterIdentity& identity : shown.identities) {
    outcome.clusters.push_back({identity, 0});
  }
  for (size_t i = 0; i < shown.cluster_of.size(); ++i) {
    if (shown.junk[i]) {
      ++outcome.junk;
    } else {
      ++outcome.clusters[*index_of(shown.identities, shown.cluster_of[i])].images;
    }
  }
  return outcome;
}

template <class Change>
EditOutcome changed_run(SettingTables& tables, EditRequest& request, const Observer& observer,
                        const Change& change) {
  const auto start = std::chrono::steady_clock::now();
  request.run_settings.out = request.run;
  OpenRun open(tables, request.run_settings, Opening::existing, observer);
  const Subject subject = load_subject(tables, request.run_settings, request.subject, {},
                                       BackboneOfScan::allowed, open.run, open.environment);
  EditSession session(open.run, subject, open.environment);
  const EditedClusters was = session.shown();
  change(session);
  const RunFiles files = session.finish();
  const EditedClusters is = session.shown();
  EditOutcome outcome = edit_outcome(session);
  outcome.changed = changed_images(was, is);
  outcome.assignments = files.assignments;
  outcome.report = files.report;
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

}  // namespace

EditOutcome edit_outcome(const EditSession& session) {
  return edits_shown(session.shown(), session.now(), session.log(), session.waits());
}

void declare(SettingTables& tables, EditRequest& request) {
  declare_consent(tables.options, request.run_settings.compute);
  declare_run_settings(tables, request.run_settings);
}

EditOutcome apply_edits(SettingTables& tables, EditRequest& request, const Observer& observer) {
  std::optional<Edits> edits;
  if (!request.file.empty()) edits = parse_edits(read_file(request.file), request.file);
  return changed_run(tables, request, observer, [&](EditSession& session) {
    if (edits && !is_empty(*edits)) session.apply(*edits, request.file);
  });
}

EditOutcome undo_edits(SettingTables& tables, EditRequest& request, const Observer& observer) {
  return changed_run(tables, request, observer, [&](EditSession& session) {
    if (!session.undo())
      fail_usage("no edits of {} are in force, so none can be undone.", request.run);
  });
}

EditOutcome edits_in_force(const fs::path& run) {
  if (!fs::exists(run / "run.json")) {
    fail_usage("RUN must be a run directory of nolabel, with a run.json. {} has none.",
               run.string());
  }
  const RunState state = read_run_state(run);
  const std::vector<AppliedEdits> log = read_edit_log(run);
  const EditedClusters now = present_clusters(run, state);
  const auto found = edits_wait(state) ? read_found_clusters(run) : std::nullopt;
  return edits_shown(found ? edited_by(*found, found_identities(state), {}) : now, now, log,
                     found.has_value());
}

}  // namespace nolabel
