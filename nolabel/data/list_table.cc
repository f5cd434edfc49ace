#include "nolabel/data/list_table.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/list_columns.h"
#include "nolabel/data/list_layout.h"
#include "nolabel/data/list_text.h"
#include "nolabel/data/listed_files.h"
#include "nolabel/data/text.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

bool are_of_equal_size(const std::vector<CsvRow>& rows, size_t at_least) {
  return !rows.empty() && rows.front().fields.size() >= at_least &&
         std::all_of(rows.begin(), rows.end(), [&](const CsvRow& row) {
           return row.fields.size() == rows.front().fields.size();
         });
}

struct Columns {
  size_t path = 0;
  std::optional<size_t> label;
};

// Of a first row that names them.
Columns named_columns(const std::vector<std::string>& fields, const std::string& file,
                      std::vector<std::string>& warnings) {
  Columns columns{.path = *path_column(fields), .label = label_column(fields)};
  std::string unused;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i == columns.path || i == columns.label || trimmed(fields[i]).empty()) continue;
    if (is_own_column(fields[i])) continue;
    unused += format("{}{}", unused.empty() ? "" : ", ", trimmed(fields[i]));
  }
  if (!unused.empty()) {
    warnings.push_back(
        format("{}: nolabel reads the column {} as the path and {}; it does not use {}", file,
               trimmed(fields[columns.path]),
               columns.label ? format("the column {} as the label", trimmed(fields[*columns.label]))
                             : "no column as the label (name one \"label\")",
               unused));
  }
  return columns;
}

// True when the first field is a whole number, another one in every row.
bool is_numbered(const std::vector<CsvRow>& rows) {
  std::unordered_set<std::string_view> numbers;
  return std::all_of(rows.begin(), rows.end(), [&](const CsvRow& row) {
    const std::string_view number = trimmed(row.fields[0]);
    return !number.empty() && number.find_first_not_of("0123456789") == number.npos &&
           numbers.insert(number).second;
  });
}

// MXNet writes the classes of its lists as 0.000000, 1.000000 …
void make_whole_numbers(std::vector<ListRow>& rows) {
  constexpr std::string_view digits = "0123456789";
  const auto length = [&](const std::string& label) {
    const size_t point = label.find_first_not_of(digits);
    const bool whole = point != label.npos && point > 0 && label[point] == '.' &&
                       point + 1 < label.size() &&
                       label.find_first_not_of('0', point + 1) == label.npos;
    return whole ? point : 0;
  };
  if (!std::all_of(rows.begin(), rows.end(),
                   [&](const ListRow& row) { return length(row.label) > 0; })) {
    return;
  }
  for (ListRow& row : rows) row.label.resize(length(row.label));
}

// As most rows have, or as the first where two numbers are equally frequent.
size_t field_count(const std::vector<CsvRow>& rows) {
  std::map<size_t, size_t> counts;
  for (const CsvRow& row : rows) ++counts[row.fields.size()];
  size_t best = rows.front().fields.size();
  for (const auto& [fields, count] : counts) {
    if (count > counts[best]) best = fields;
  }
  return best;
}

// "(separated by commas)", or nothing for lines that are not separated.
std::string separated_text(const ListLayout& layout) {
  return layout.separator.empty() ? "" : format(" (separated by {})", layout.separator);
}

std::string read_as_text(const ListLayout& layout, size_t path) {
  if (layout.separator.empty()) return "each line was read as a path";
  return format("column {} of fields separated by {} was read as the path", path + 1,
                layout.separator);
}

// Spreadsheets end every row with the separators of columns that were used once.
void drop_empty_columns(std::vector<CsvRow>& rows) {
  const auto last_is_empty = [](const CsvRow& row) { return trimmed(row.fields.back()).empty(); };
  while (are_of_equal_size(rows, 3) && std::all_of(rows.begin(), rows.end(), last_is_empty)) {
    for (CsvRow& row : rows) row.fields.pop_back();
  }
}

void warn_of_missing_labels(ListTable& table, const std::string& file) {
  const auto none = [](const ListRow& row) { return row.label.empty(); };
  const auto first = std::find_if(table.rows.begin(), table.rows.end(), none);
  const auto count = std::count_if(table.rows.begin(), table.rows.end(), none);
  if (count == 0 || count == std::ssize(table.rows)) return;
  table.warnings.push_back(
      format("{}: {} of {} rows have no label (the first is line {}), so nolabel uses no labels",
             file, count, table.rows.size(), first->line));
}

}  // namespace

ListTable read_list_table(const fs::path& file) {
  const std::string name = file.string();
  ListLayout layout = list_layout(list_text(read_file(file), name), file);
  std::vector<CsvRow>& lines = layout.rows;
  const ListedFiles files(file.parent_path());
  ListTable table;
  if (lines.empty()) return table;
  drop_empty_columns(lines);
  const size_t fields = layout.header ? lines.front().fields.size() : field_count(lines);
  Columns columns{.path = layout.path, .label = std::nullopt};
  if (layout.header) {
    columns = named_columns(lines.front().fields, file.filename().string(), table.warnings);
  } else if (layout.pictures && columns.path < lines.front().fields.size() && lines.size() > 1 &&
             !files.is_picture(lines.front().fields[columns.path])) {
    fail_usage(
        "{}:{}: the first row must be a picture, or name the columns path and label (or filename, "
        "class …). Received {}.",
        name, lines.front().line, trimmed(lines.front().fields[columns.path]));
  }
  for (size_t i = layout.header ? 1 : 0; i < lines.size(); ++i) {
    const size_t received = lines[i].fields.size();
    if (received == fields) continue;
    fail_usage("{}:{}: every row must have {} fields{}, as the others have. Received {}.", name,
               lines[i].line, fields, separated_text(layout), received);
  }
  bool numbered = false;
  if (!layout.header && fields == 2) {
    columns.label = 1 - columns.path;
  } else if (!layout.header && fields > 2) {
    numbered = fields == 3 && columns.path > 0 && is_numbered(lines);
    if (!numbered) {
      fail_usage(
          "{}:{}: a row must be path or path,label. Received {} fields{}: a first row must name "
          "the columns path and label among them.",
          name, lines.front().line, fields, separated_text(layout));
    }
    columns.label = 3 - columns.path;
  }
  for (size_t i = layout.header ? 1 : 0; i < lines.size(); ++i) {
    std::vector<std::string>& row = lines[i].fields;
    std::string& path = row[columns.path];
    if (trimmed(path).empty()) fail_usage("{}:{}: the path is empty.", name, lines[i].line);
    if (trimmed(path).size() < path.size() && !files.exists(path)) path = trimmed(path);
    std::string label(columns.label ? trimmed(row[*columns.label]) : "");
    table.rows.push_back({lines[i].line, std::move(path), std::move(label)});
  }
  if (numbered) make_whole_numbers(table.rows);
  table.read_as = read_as_text(layout, columns.path);
  warn_of_missing_labels(table, file.filename().string());
  return table;
}

std::vector<ListRow> read_list_rows(const fs::path& file) {
  return read_list_table(file).rows;
}

}  // namespace nolabel
