#include "nolabel/report/assignments_csv.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

const std::vector<std::string> kColumns = {"path", "cluster", "confidence", "runner_up",
                                           "runner_up_confidence"};

std::vector<std::string> columns(bool with_status, bool with_label, bool with_name) {
  std::vector<std::string> names = kColumns;
  if (with_label) names.emplace_back("label");
  if (with_status) names.emplace_back("status");
  if (with_name) names.emplace_back("name");
  return names;
}

ImageStatus status_of(const std::string& text, const std::filesystem::path& path, int64_t line) {
  for (const ImageStatus status : all_image_statuses) {
    if (text == status_name(status)) return status;
  }
  fail_data("{}:{}: status must be ok, unsure, duplicate or junk. Received '{}'.", path.string(),
            line, text);
}

std::string shortest(float value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

template <class T>
T number(const std::string& text, const char* column, const std::filesystem::path& path,
         int64_t line) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail_data("{}:{}: {} must be a number. Received '{}'.", path.string(), line, column, text);
  }
  return value;
}

}  // namespace

bool has_names(const std::vector<ClusterIdentity>& identities) {
  return std::ranges::any_of(identities,
                             [](const ClusterIdentity& cluster) { return !cluster.name.empty(); });
}

std::string assignments_csv(const AssignmentTable& table) {
  NOLABEL_ASSERT(table.names.size() == table.assignments.size());
  NOLABEL_ASSERT(table.labels.empty() || table.labels.size() == table.names.size());
  NOLABEL_ASSERT(table.statuses.empty() || table.statuses.size() == table.names.size());
  const bool named = has_names(table.identities);
  const auto id = [&table](int cluster) {
    return std::to_string(table.identities.empty() ? cluster : table.identities.at(cluster).id);
  };
  std::vector<std::string> row = columns(!table.statuses.empty(), !table.labels.empty(), named);
  std::string text = csv_row(row);
  for (size_t i = 0; i < table.names.size(); ++i) {
    const Assignment& a = table.assignments[i];
    const bool has_runner_up = a.runner_up >= 0;
    row = {table.names[i], id(a.cluster), shortest(a.confidence),
           has_runner_up ? id(a.runner_up) : "",
           has_runner_up ? shortest(a.runner_up_confidence) : ""};
    if (!table.labels.empty()) row.push_back(table.labels[i]);
    if (!table.statuses.empty()) row.emplace_back(status_name(table.statuses[i]));
    if (named) row.push_back(table.identities.at(a.cluster).name);
    text += csv_row(row);
  }
  return text;
}

AssignmentTable read_assignments(const std::filesystem::path& path) {
  const std::vector<CsvRow> rows = parse_csv(read_file(path), path.string());
  const std::vector<std::string> head = rows.empty() ? kColumns : rows[0].fields;
  const auto has = [&head](const char* name) {
    return std::ranges::find(head, name) != head.end();
  };
  const bool has_status = has("status"), labelled = has("label"), named = has("name");
  if (rows.empty() || head != columns(has_status, labelled, named)) {
    fail_data("{}: the first line must be '{}', with or without ',label', ',status' and ',name'.",
              path.string(), "path,cluster,confidence,runner_up,runner_up_confidence");
  }
  AssignmentTable table;
  for (size_t i = 1; i < rows.size(); ++i) {
    const auto& [line, fields] = rows[i];
    if (fields.size() != rows[0].fields.size()) {
      fail_data("{}:{}: {} fields are required. Received {}.", path.string(), line,
                rows[0].fields.size(), fields.size());
    }
    Assignment a{.cluster = number<int>(fields[1], "cluster", path, line),
                 .confidence = number<float>(fields[2], "confidence", path, line),
                 .runner_up = -1,
                 .runner_up_confidence = 0};
    if (!fields[3].empty()) {
      a.runner_up = number<int>(fields[3], "runner_up", path, line);
      a.runner_up_confidence = number<float>(fields[4], "runner_up_confidence", path, line);
    }
    table.names.push_back(fields[0]);
    table.assignments.push_back(a);
    if (labelled) table.labels.push_back(fields[kColumns.size()]);
    const size_t status = kColumns.size() + (labelled ? 1 : 0);
    if (has_status) table.statuses.push_back(status_of(fields[status], path, line));
  }
  return table;
}

}  // namespace nolabel
