#include "nolabel/pipeline/ended_clusters.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

fs::path ended_file(const fs::path& run) {
  return run / "ended.csv";
}

const std::vector<std::string> ended_columns = {"content", "cluster"};

struct Pair {
  int64_t shared, column;
  int id;
};

}  // namespace

EndedClusters read_ended_clusters(const fs::path& run) {
  const fs::path file = ended_file(run);
  if (!fs::exists(file)) return {};
  const std::vector<CsvRow> rows = parse_csv(read_file(file), file.string());
  if (rows.empty() || rows[0].fields != ended_columns) {
    fail_data("{}: the first line must be 'content,cluster'.", file.string());
  }
  EndedClusters ended;
  for (size_t i = 1; i < rows.size(); ++i) {
    const auto& [line, fields] = rows[i];
    const auto content = parse_content(fields.front());
    int id = -1;
    const std::string& text = fields.back();
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
    if (fields.size() != 2 || !content || parsed.ec != std::errc() ||
        parsed.ptr != text.data() + text.size() || id < 0) {
      fail_data("{}:{}: 32 hexadecimal digits and the id of a cluster are required.", file.string(),
                line);
    }
    ended[id].push_back(*content);
  }
  return ended;
}

void write_ended_clusters(const fs::path& run, const EndedClusters& ended) {
  if (ended.empty()) {
    std::error_code absent;
    fs::remove(ended_file(run), absent);
    return;
  }
  std::string text = csv_row(ended_columns);
  for (const auto& [id, contents] : ended) {
    for (const ContentId& content : contents) {
      text += csv_row({content_text(content), std::to_string(id)});
    }
  }
  write_file(ended_file(run), text);
}

std::vector<int> returned_ids(const EndedClusters& ended, const std::vector<bool>& is_new,
                              const std::vector<int64_t>& columns,
                              const std::vector<ContentId>& contents, const std::set<int>& taken) {
  NOLABEL_ASSERT(columns.size() == contents.size());
  std::map<ContentId, int64_t> column_of;
  std::vector<int64_t> sizes(is_new.size(), 0);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (column_of.emplace(contents[i], columns[i]).second) ++sizes[columns[i]];
  }
  std::vector<Pair> pairs;
  for (const auto& [id, images] : ended) {
    if (taken.contains(id)) continue;
    std::map<int64_t, int64_t> shared;
    int64_t still_there = 0;
    for (const ContentId& image : images) {
      const auto found = column_of.find(image);
      if (found == column_of.end()) continue;
      ++still_there;
      ++shared[found->second];
    }
    for (const auto& [column, count] : shared) {
      const bool same = 2 * count > sizes[column] || 2 * count > still_there;
      if (is_new[column] && same) pairs.push_back({count, column, id});
    }
  }
  std::ranges::sort(pairs, [](const Pair& a, const Pair& b) {
    return std::tie(b.shared, a.column, a.id) < std::tie(a.shared, b.column, b.id);
  });
  std::vector<int> ids(is_new.size(), -1);
  std::set<int> given;
  for (const Pair& pair : pairs) {
    if (ids[pair.column] >= 0 || !given.insert(pair.id).second) continue;
    ids[pair.column] = pair.id;
  }
  return ids;
}

EndedClusters ended_after(EndedClusters ended, const FoundClusters& found,
                          const std::vector<ClusterIdentity>& identities) {
  for (const ClusterIdentity& identity : identities) ended.erase(identity.id);
  std::map<int, std::vector<ContentId>> latest;
  for (size_t i = 0; i < found.contents.size(); ++i) {
    latest[found.cluster_of[i]].push_back(found.contents[i]);
  }
  for (auto& [id, contents] : latest) {
    if (!index_of(identities, id)) ended[id] = std::move(contents);
  }
  return ended;
}

}  // namespace nolabel
