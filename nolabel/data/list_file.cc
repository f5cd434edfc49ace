#include "nolabel/data/list_file.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/listing.h"

namespace nolabel {
namespace fs = std::filesystem;

std::vector<ListRow> read_list_rows(const fs::path& file) {
  std::vector<CsvRow> lines = parse_csv(read_file(file), file.string());
  size_t columns = 2, label_column = 1;
  const bool header = !lines.empty() && lines.front().fields.front() == "path";
  if (header) {
    const std::vector<std::string>& names = lines.front().fields;
    columns = names.size();
    label_column = std::find(names.begin(), names.end(), "label") - names.begin();
  } else if (!lines.empty()) {
    columns = lines.front().fields.size();
    if (columns > 2) {
      fail_usage("{}:{}: a row must be path or path,label. Received {} fields (without a header).",
                 file.string(), lines.front().line, columns);
    }
  }
  std::vector<ListRow> rows;
  for (size_t i = header ? 1 : 0; i < lines.size(); ++i) {
    std::vector<std::string>& fields = lines[i].fields;
    if (fields.size() != columns) {
      fail_usage("{}:{}: every row must have {} fields, as the first has. Received {}.",
                 file.string(), lines[i].line, columns, fields.size());
    }
    if (fields[0].empty()) fail_usage("{}:{}: the path is empty.", file.string(), lines[i].line);
    rows.push_back({lines[i].line, std::move(fields[0]),
                    label_column < columns ? std::move(fields[label_column]) : ""});
  }
  return rows;
}

std::vector<std::string> list_class_names(const std::vector<ListRow>& rows) {
  std::set<std::string> labels;
  for (const ListRow& row : rows) {
    if (!row.label.empty()) labels.insert(row.label);
  }
  std::vector<std::string> names(labels.begin(), labels.end());
  std::map<std::string, int64_t> values;
  for (const std::string& name : names) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value);
    if (error != std::errc() || end != name.data() + name.size()) return names;
    values[name] = value;
  }
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return values.at(a) < values.at(b);
  });
  return names;
}

bool is_list_file(const fs::path& path) {
  return path.extension() == ".csv" || path.extension() == ".txt";
}

Listing list_list_file(const fs::path& path, const LoadOptions& options, FileCount& count) {
  require_no_split(path, options);
  const std::vector<ListRow> rows = read_list_rows(path);
  Listing listing;
  listing.root = path.parent_path();
  if (options.labels != LabelSource::none) listing.class_names = list_class_names(rows);
  std::map<std::string, const ListRow*> taken;
  for (const ListRow& row : rows) {
    ListedImage image;
    image.name = fs::path(row.path).lexically_normal().generic_string();
    const auto [earlier, first] = taken.emplace(image.name, &row);
    if (!first) {
      if (earlier->second->label == row.label) continue;
      fail_usage("{}:{}: {} must have one label. Line {} has \"{}\", this one \"{}\".",
                 path.string(), row.line, row.path, earlier->second->line, earlier->second->label,
                 row.label);
    }
    const auto& names = listing.class_names;
    const auto found = std::find(names.begin(), names.end(), row.label);
    if (found != names.end()) image.label = static_cast<int32_t>(found - names.begin());
    image.file = (listing.root / image.name).string();
    look_at_file(image);
    count.add(1);
    listing.images.push_back(std::move(image));
  }
  return listing;
}

}  // namespace nolabel
