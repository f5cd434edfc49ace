#include "nolabel/pipeline/found_clusters.h"

#include <algorithm>
#include <charconv>

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/pipeline/matrix_tensor.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

fs::path found_file(const fs::path& run) {
  return run / "found.csv";
}

const std::vector<std::string> found_columns = {"content", "cluster", "representative"};

std::optional<int64_t> number_in(const std::string& text) {
  int64_t value = -1;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  return good && value >= 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

ContentId row_content(const Matrix<float>& features, int64_t i) {
  return content_id({reinterpret_cast<const char*>(features.row(i)),
                     static_cast<size_t>(features.columns) * sizeof(float)});
}

std::vector<ContentId> contents_of_given(const Subject& subject) {
  std::vector<ContentId> contents;
  if (subject.images) {
    const auto& images = subject.images->list.images;
    for (size_t i = 0; i < subject.given.names.size(); ++i) contents.push_back(images[i].content);
    return contents;
  }
  const Matrix<float> rows = to_matrix(subject.given.features);
  for (int64_t i = 0; i < rows.rows; ++i) contents.push_back(row_content(rows, i));
  return contents;
}

std::vector<ContentId> contents_of_train(const Subject& subject) {
  const std::vector<ContentId> given = contents_of_given(subject);
  std::vector<ContentId> contents;
  for (const int64_t image : subject.given_of_train()) contents.push_back(given[image]);
  return contents;
}

FoundClusters found_clusters(const Subject& subject, std::vector<int> cluster_of) {
  FoundClusters found{.contents = contents_of_given(subject),
                      .cluster_of = std::move(cluster_of),
                      .representative = {}};
  for (int64_t i = 0; i < std::ssize(found.contents); ++i) {
    found.representative.push_back(subject.is_duplicate(i) ? subject.screening.representative[i]
                                                           : i);
  }
  return found;
}

EditedClusters edited_by(const FoundClusters& found, const std::vector<ClusterIdentity>& identities,
                         const std::vector<AppliedEdits>& log) {
  for (const int cluster : found.cluster_of) {
    if (index_of(identities, cluster)) continue;
    fail_data(
        "found.csv must name clusters that run.json knows. Received {}; `nolabel cluster` "
        "makes both anew.",
        cluster);
  }
  EditedClusters edited = replay(identities, found.cluster_of, found.contents, log);
  for (size_t i = 0; i < found.representative.size(); ++i) {
    const auto standing = static_cast<size_t>(found.representative[i]);
    if (standing == i || edited.fixed[i]) continue;
    edited.cluster_of[i] = edited.cluster_of[standing];
    if (!edited.kept[i]) edited.junk[i] = edited.junk[i] || edited.junk[standing];
  }
  return edited;
}

std::optional<FoundClusters> read_found_clusters(const fs::path& run) {
  const fs::path file = found_file(run);
  if (!fs::exists(file)) return std::nullopt;
  const std::vector<CsvRow> rows = parse_csv(read_file(file), file.string());
  if (rows.empty() || rows[0].fields != found_columns) {
    fail_data("{}: the first line must be 'content,cluster,representative'.", file.string());
  }
  FoundClusters found;
  for (size_t i = 1; i < rows.size(); ++i) {
    const auto& [line, fields] = rows[i];
    const auto content = parse_content(fields.front());
    const std::optional<int64_t> cluster = fields.size() == 3 ? number_in(fields[1]) : std::nullopt;
    const auto standing = fields.size() == 3 ? number_in(fields[2]) : std::nullopt;
    if (!content || !cluster || *cluster > largest_cluster_id || !standing ||
        *standing + 1 >= std::ssize(rows)) {
      fail_data(
          "{}:{}: 32 hexadecimal digits, the id of a cluster and the number of a row are required.",
          file.string(), line);
    }
    found.contents.push_back(*content);
    found.cluster_of.push_back(static_cast<int>(*cluster));
    found.representative.push_back(*standing);
  }
  return found;
}

void write_found_clusters(const fs::path& run, const FoundClusters& found) {
  std::string text = csv_row(found_columns);
  for (size_t i = 0; i < found.contents.size(); ++i) {
    text += csv_row({content_text(found.contents[i]), std::to_string(found.cluster_of[i]),
                     std::to_string(found.representative[i])});
  }
  write_file(found_file(run), text);
}

const std::vector<ClusterIdentity>& found_identities(const RunState& state) {
  return state.found ? state.found->identities : state.identities;
}

std::optional<EditedClusters> edited_clusters(const fs::path& run, const RunState& state) {
  const std::vector<AppliedEdits> log = read_edit_log(run);
  if (log.empty()) return std::nullopt;
  const std::optional<FoundClusters> found = read_found_clusters(run);
  if (!found) {
    fail_data(
        "{} is required for the edits of the run. It does not exist; `nolabel cluster {}` "
        "makes it.",
        found_file(run).string(), run.string());
  }
  return edited_by(*found, found_identities(state), log);
}

int next_cluster_id(const RunState& state, const std::vector<AppliedEdits>& log) {
  int next = std::max({state.next_cluster_id, next_free_id(state.identities),
                       next_free_id(found_identities(state))});
  for (const AppliedEdits& edits : log) {
    for (const MadeCluster& made : edits.made) next = std::max(next, made.id + 1);
  }
  return next;
}

}  // namespace nolabel
