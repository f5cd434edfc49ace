#include "nolabel/pipeline/edit_call.h"

#include <algorithm>
#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/edits/edit_description.h"
#include "nolabel/pipeline/edit_session.h"
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

template <class Change>
EditOutcome changed_run(SettingTables& tables, EditRequest& request, const Observer& observer,
                        const Change& change) {
  const auto start = std::chrono::steady_clock::now();
  request.run_settings.out = request.run;
  OpenRun open(tables, request.run_settings, Opening::existing, observer);
  const Subject subject = load_subject(tables, request.run_settings, request.subject, {},
                                       BackboneOfScan::allowed, open.run, open.environment);
  EditSession session(open.run, subject, open.environment);
  const EditedClusters was = session.now();
  change(session);
  const RunFiles files = session.finish();
  EditOutcome outcome = edit_outcome(session.now(), session.log());
  outcome.changed = changed_images(was, session.now());
  outcome.assignments = files.assignments;
  outcome.report = files.report;
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

}  // namespace

EditOutcome edit_outcome(const EditedClusters& clusters, const std::vector<AppliedEdits>& log) {
  EditOutcome outcome;
  outcome.in_force = describe_edits(log, clusters.identities);
  for (const ClusterIdentity& identity : clusters.identities) {
    outcome.clusters.push_back({identity, 0});
  }
  for (size_t i = 0; i < clusters.cluster_of.size(); ++i) {
    if (clusters.junk[i]) {
      ++outcome.junk;
    } else {
      ++outcome.clusters[*index_of(clusters.identities, clusters.cluster_of[i])].images;
    }
  }
  return outcome;
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
  return edit_outcome(present_clusters(run, read_run_state(run)), read_edit_log(run));
}

}  // namespace nolabel
