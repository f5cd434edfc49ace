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

const std::vector<std::string> found_columns = {"content", "cluster"};

}  // namespace

std::vector<ContentId> contents_of_given(const Subject& subject) {
  std::vector<ContentId> contents;
  if (subject.images) {
    const auto& images = subject.images->list.images;
    for (size_t i = 0; i < subject.given.names.size(); ++i) contents.push_back(images[i].content);
    return contents;
  }
  const Matrix<float> rows = to_matrix(subject.given.features);
  for (int64_t i = 0; i < rows.rows; ++i) {
    contents.push_back(content_id({reinterpret_cast<const char*>(rows.row(i)),
                                   static_cast<size_t>(rows.columns) * sizeof(float)}));
  }
  return contents;
}

std::vector<ContentId> contents_of_train(const Subject& subject) {
  const std::vector<ContentId> given = contents_of_given(subject);
  std::vector<ContentId> contents(subject.train.names.size());
  for (size_t i = 0; i < given.size(); ++i) {
    const int64_t row = subject.row_of_given[i];
    if (row >= 0 && !subject.is_duplicate(static_cast<int64_t>(i))) contents[row] = given[i];
  }
  return contents;
}

std::optional<FoundClusters> read_found_clusters(const fs::path& run) {
  const fs::path file = found_file(run);
  if (!fs::exists(file)) return std::nullopt;
  const std::vector<CsvRow> rows = parse_csv(read_file(file), file.string());
  if (rows.empty() || rows[0].fields != found_columns) {
    fail_data("{}: the first line must be 'content,cluster'.", file.string());
  }
  FoundClusters found;
  for (size_t i = 1; i < rows.size(); ++i) {
    const auto& [line, fields] = rows[i];
    int cluster = -1;
    const std::string& text = fields.back();
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), cluster);
    const auto content = parse_content(fields.front());
    const bool good = fields.size() == 2 && content && parsed.ec == std::errc() &&
                      parsed.ptr == text.data() + text.size() && cluster >= 0;
    if (!good) {
      fail_data("{}:{}: 32 hexadecimal digits and the id of a cluster are required.", file.string(),
                line);
    }
    found.contents.push_back(*content);
    found.cluster_of.push_back(cluster);
  }
  return found;
}

void write_found_clusters(const fs::path& run, const FoundClusters& found) {
  std::string text = csv_row(found_columns);
  for (size_t i = 0; i < found.contents.size(); ++i) {
    text += csv_row({content_text(found.contents[i]), std::to_string(found.cluster_of[i])});
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
  return replay(found_identities(state), found->cluster_of, found->contents, log);
}

int next_cluster_id(const RunState& state, const std::vector<AppliedEdits>& log) {
  int next = std::max(next_free_id(state.identities), next_free_id(found_identities(state)));
  for (const AppliedEdits& edits : log) {
    for (const MadeCluster& made : edits.made) next = std::max(next, made.id + 1);
  }
  return next;
}

}  // namespace nolabel
