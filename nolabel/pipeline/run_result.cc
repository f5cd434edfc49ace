#include "nolabel/pipeline/run_result.h"

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/data/source.h"
#include "nolabel/pipeline/edited_stage.h"
#include "nolabel/pipeline/found_clusters.h"
#include "nolabel/report/assignments_csv.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Whether each image is where the edits put it: a command can be interrupted between the model and
// the table.
bool is_as_edited(const AssignmentTable& table, const EditedClusters& edited) {
  if (table.names.size() != edited.cluster_of.size() || table.statuses.empty()) return false;
  for (size_t i = 0; i < table.names.size(); ++i) {
    if (table.assignments[i].cluster != edited.cluster_of[i]) return false;
    if ((table.statuses[i] == ImageStatus::junk) != edited.junk[i]) return false;
  }
  return true;
}

void require_edits_in_table(const fs::path& run, const RunState& state,
                            const AssignmentTable& table) {
  const bool in_state = state.final_stage == ClusterStage::edited;
  const bool in_log = !read_edit_log(run).empty();
  if (!in_state && !in_log) return;
  if (in_state && in_log && is_of_present_edits(run)) {
    const std::optional<EditedClusters> edited = edited_clusters(run, state);
    if (edited && is_as_edited(table, *edited)) return;
  }
  const bool wait = state.found && !state.found->waiting.empty();
  if (wait && follows_edits(run, state)) return;  // the table shows what nolabel found
  fail_usage(
      "the assignments of {} must follow the edits that are in force. They are older, because the "
      "command that made or took back edits was interrupted: run `nolabel apply {}`.",
      run.string(), run.string());
}

// The clusters that run.json knows, and any that only the table has, as in a run of the stages.
std::vector<ClusterIdentity> clusters_of_run(const RunState& state, const AssignmentTable& table) {
  std::vector<ClusterIdentity> clusters = state.identities;
  std::vector<int> ids;
  for (const Assignment& assignment : table.assignments) {
    ids.push_back(assignment.cluster);
    if (assignment.runner_up >= 0) ids.push_back(assignment.runner_up);
  }
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  for (const int id : ids) {
    if (!index_of(clusters, id)) clusters.push_back(found_cluster(id));
  }
  return clusters;
}

std::vector<ResultImage> images_of(const AssignmentTable& table) {
  std::vector<ResultImage> images;
  images.reserve(table.names.size());
  for (size_t i = 0; i < table.names.size(); ++i) {
    ResultImage& image = images.emplace_back();
    image.path = table.names[i];
    image.assignment = table.assignments[i];
    if (!table.statuses.empty()) image.status = table.statuses[i];
    if (!table.labels.empty()) image.label = table.labels[i];
  }
  return images;
}

// Where the images themselves are gone, nobody can tell, and the table of the run counts.
bool has_validation(const RunState& state) {
  if (state.images.hold_out > 0) return true;
  std::error_code unreadable;
  const bool all_there = std::ranges::all_of(
      state.data, [&unreadable](const fs::path& path) { return fs::exists(path, unreadable); });
  return !state.data.empty() && (!all_there || has_split(state.data));
}

}  // namespace

RunResult read_run_result(const fs::path& run, const RunState& state) {
  const fs::path file = run / "assignments.csv";
  if (!fs::exists(file)) {
    fail_usage("{} must hold assignments.csv. It does not: run `nolabel report --out {}`.",
               run.string(), run.string());
  }
  const AssignmentTable table = read_assignments(file);
  require_edits_in_table(run, state, table);
  RunResult result{.clusters = clusters_of_run(state, table),
                   .images = images_of(table),
                   .validation = std::nullopt};
  const fs::path validation = run / "assignments-validation.csv";
  // What an earlier clustering with validation images left is not of this result.
  if (fs::exists(validation) && has_validation(state)) {
    const AssignmentTable held_out = read_assignments(validation);
    result.validation = images_of(held_out);
    for (const ClusterIdentity& cluster : clusters_of_run(state, held_out)) {
      if (!index_of(result.clusters, cluster.id)) result.clusters.push_back(cluster);
    }
  }
  return result;
}

}  // namespace nolabel
