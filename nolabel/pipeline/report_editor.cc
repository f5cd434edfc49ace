#include "nolabel/pipeline/report_editor.h"

#include <algorithm>

#include "nolabel/edits/edit_description.h"
#include "nolabel/pipeline/edited_stage.h"
#include "nolabel/pipeline/found_clusters.h"
#include "nolabel/pipeline/group_stages.h"

namespace nolabel {
namespace {

constexpr size_t images_with_alike = 3000;
constexpr int64_t alike_images = 12;

EditorStatus editor_status(ImageStatus status) {
  switch (status) {
    case ImageStatus::ok:
      return EditorStatus::ok;
    case ImageStatus::unsure:
      return EditorStatus::unsure;
    case ImageStatus::duplicate:
      return EditorStatus::duplicate;
    case ImageStatus::junk:
      return EditorStatus::junk;
  }
  return EditorStatus::ok;
}

// As the edits have it now, whatever `found` it before them.
EditorStatus status_now(const EditedClusters& now, size_t image, ImageStatus found) {
  if (now.junk[image]) return EditorStatus::junk;
  if (now.fixed[image] || now.kept[image] || found == ImageStatus::junk) return EditorStatus::ok;
  return editor_status(found);
}

// [given] number of the group in duplicates.csv, -1: none.
std::vector<int64_t> duplicate_groups(const Subject& subject) {
  std::vector<int64_t> number(subject.given.names.size(), -1);
  const auto groups = groups_of(subject.screening.representative);
  for (size_t group = 0; group < groups.size(); ++group) {
    for (const int64_t image : groups[group]) {
      if (image < std::ssize(number)) number[image] = static_cast<int64_t>(group);
    }
  }
  return number;
}

// For a shell: in single quotes where it needs any.
std::string quoted(const std::string& word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
  if (!word.empty() && word.find_first_not_of(plain) == word.npos) return word;
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

// [given] from the table of neighbors of the images that train.
std::vector<std::vector<int64_t>> alike_of(const Subject& subject,
                                           const Matrix<int64_t>& neighbors) {
  const std::vector<int64_t> given_of_row = subject.given_of_train();
  std::vector<std::vector<int64_t>> alike(subject.given.names.size());
  for (size_t i = 0; i < alike.size(); ++i) {
    const int64_t row = subject.row_of_given[i];
    if (row < 0) continue;
    for (int64_t j = 1; j < std::min(alike_images + 1, neighbors.columns); ++j) {
      const int64_t other = neighbors.at(row, j);
      if (other >= 0 && other != row) alike[i].push_back(given_of_row[other]);
    }
  }
  return alike;
}

}  // namespace

ReportEditor report_editor(const std::filesystem::path& run, const Subject& subject,
                           const std::vector<Assignment>& assignments,
                           const std::vector<ImageStatus>& statuses, const EditedClusters& now,
                           const std::vector<AppliedEdits>& log) {
  ReportEditor editor;
  for (const ClusterIdentity& identity : now.identities) {
    editor.clusters.push_back({identity.id, identity.name, identity.origin, 0});
  }
  std::ranges::sort(editor.clusters, {}, &EditorCluster::id);
  const std::vector<int64_t> groups = duplicate_groups(subject);
  for (size_t i = 0; i < now.cluster_of.size(); ++i) {
    const EditorStatus status = status_now(now, i, statuses[i]);
    editor.images.push_back({.path = subject.given.names[i],
                             .cluster = now.cluster_of[i],
                             .confidence = assignments[i].confidence,
                             .status = status,
                             .group = groups[i]});
    if (status == EditorStatus::junk) continue;
    ++std::ranges::find(editor.clusters, now.cluster_of[i], &EditorCluster::id)->images;
  }
  editor.edits = describe_edits(log, now.identities);
  editor.can_undo = !log.empty();
  editor.command = format("nolabel apply {} edits.json", quoted(run.string()));
  return editor;
}

std::optional<ReportEditor> static_editor(const RunDirectory& run, const Subject& subject,
                                          const AssignedImages& given) {
  const RunState& state = run.state();
  if (!state.final_stage || state.identities.empty()) return std::nullopt;
  const std::optional<FoundClusters> found = read_found_clusters(run.path());
  if (!found || found->contents != contents_of_given(subject)) return std::nullopt;
  const std::vector<AppliedEdits> log = read_edit_log(run.path());
  if (!log.empty() && !state.found) return std::nullopt;
  const EditedClusters now = edited_by(*found, found_identities(state), log);
  if (!is_editable(subject, now)) return std::nullopt;
  ReportEditor editor =
      report_editor(run.path(), subject, assign(given.probabilities), given.statuses, now, log);
  if (editor.images.size() <= images_with_alike) {
    if (const auto neighbors = kept_metric_neighbors(run, subject)) {
      editor.alike = alike_of(subject, *neighbors);
    }
  }
  return editor;
}

}  // namespace nolabel
