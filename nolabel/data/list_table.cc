#include "nolabel/data/list_table.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/list_text.h"
#include "nolabel/data/lower_case.h"
#include "nolabel/image/decode.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

using namespace std::string_view_literals;

// Names of columns without spaces, '_' and '-', the first the likeliest.
constexpr std::array path_names = {
    "path"sv,      "filepath"sv,      "imagepath"sv, "imgpath"sv, "file"sv,  "filename"sv,
    "imagefile"sv, "imagefilename"sv, "imagename"sv, "imgname"sv, "image"sv, "img"sv,
    "picture"sv,   "photo"sv,         "images"sv,    "imageid"sv, "imgid"sv};
constexpr std::array label_names = {"label"sv,      "labels"sv,     "class"sv,    "classname"sv,
                                    "classlabel"sv, "labelname"sv,  "category"sv, "categoryname"sv,
                                    "target"sv,     "y"sv,          "species"sv,  "breed"sv,
                                    "classid"sv,    "categoryid"sv, "tag"sv};
// Of assignments.csv, which nolabel writes.
constexpr std::array own_names = {"cluster"sv, "confidence"sv, "runnerup"sv,
                                  "runnerupconfidence"sv};

constexpr std::string_view white_space = " \t";

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(white_space);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

// The place of a column's name among `names`, or their number when it is none.
size_t rank_of(std::string_view column, std::span<const std::string_view> names) {
  std::string plain = lower_case(trimmed(column));
  std::erase_if(plain, [](char c) { return c == ' ' || c == '_' || c == '-'; });
  return static_cast<size_t>(std::find(names.begin(), names.end(), plain) - names.begin());
}

// The column with the likeliest name.
std::optional<size_t> column_of(const std::vector<std::string>& fields,
                                std::span<const std::string_view> names) {
  std::optional<size_t> best;
  for (size_t i = 0; i < fields.size(); ++i) {
    const size_t rank = rank_of(fields[i], names);
    if (rank < names.size() && (!best || rank < rank_of(fields[*best], names))) best = i;
  }
  return best;
}

bool have_same_size(const std::vector<CsvRow>& rows, size_t at_least) {
  return !rows.empty() && rows.front().fields.size() >= at_least &&
         std::all_of(rows.begin(), rows.end(), [&](const CsvRow& row) {
           return row.fields.size() == rows.front().fields.size();
         });
}

// The rows as fields. How they are separated shows in the first row, when it names columns, and in
// the first fields, which are pictures.
class Separation {
 public:
  Separation(std::string_view text, const fs::path& file)
      : text_(text), folder_(file.parent_path()), origin_(file.string()) {
    for (int64_t line = 1; !text.empty(); ++line) {
      std::string_view content = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(content.size() + 1, text.size()));
      if (content.ends_with('\r')) content.remove_suffix(1);
      if (!trimmed(content).empty()) lines_.push_back({line, content});
    }
  }

  std::vector<CsvRow> rows() const {
    if (lines_.empty()) return {};
    for (const char separator : separators) {
      if (const auto rows = table(lines_.front().text, separator)) {
        if (rows->front().fields.size() > 1 && is_header(rows->front())) return all(separator);
      }
    }
    for (const char separator : separators) {
      const auto rows = table(text_, separator);
      if (rows && holds_pictures(*rows)) return *rows;
    }
    if (const auto rows = whole_lines()) return *rows;
    if (const auto rows = spaced()) return *rows;
    std::vector<CsvRow> rows = all(',');
    if (have_same_size(rows, 2) || !have_same_size(rows, 1)) return rows;
    for (const char separator : {'\t', ';'}) {
      const auto other = table(text_, separator);
      if (other && have_same_size(*other, 2) && !is_file(rows.front().fields[0])) return *other;
    }
    return rows;
  }

  // That names columns, and no file.
  bool is_header(const CsvRow& row) const {
    const auto column = column_of(row.fields, path_names);
    return column && !is_file(row.fields[*column]);
  }
  bool is_picture(std::string_view field) const {
    return has_image_extension(trimmed(field)) || is_file(trimmed(field));
  }

 private:
  struct Line {
    int64_t number;
    std::string_view text;
  };

  static constexpr std::array separators = {',', '\t', ';'};

  bool is_file(std::string_view field) const {
    std::error_code error;
    return !field.empty() && fs::is_regular_file(folder_ / field, error);
  }

  std::vector<CsvRow> all(char separator) const { return parse_csv(text_, origin_, separator); }

  // Nothing when there is no such separator or a quote is out of place.
  std::optional<std::vector<CsvRow>> table(std::string_view text, char separator) const {
    if (text.find(separator) == text.npos) return std::nullopt;
    try {
      return parse_csv(text, origin_, separator);
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  bool holds_pictures(const std::vector<CsvRow>& rows) const {
    return have_same_size(rows, 2) &&
           std::all_of(rows.begin() + (rows.size() > 1 ? 1 : 0), rows.end(),
                       [&](const CsvRow& row) { return is_picture(row.fields[0]); });
  }

  // Of a list of paths alone, which may hold any separator.
  std::optional<std::vector<CsvRow>> whole_lines() const {
    std::vector<CsvRow> rows;
    for (const Line& line : lines_) {
      rows.push_back({line.number, {std::string(line.text)}});
      const bool header = rows.size() == 1 && lines_.size() > 1 && is_header(rows.front());
      if (!header && (line.text.starts_with('"') || !is_picture(line.text))) return std::nullopt;
    }
    return rows;
  }

  // "a photo.png black cat": the label follows the picture. Nothing where that is not so.
  std::optional<std::vector<std::string>> at_space(std::string_view line) const {
    std::optional<size_t> last;
    for (size_t i = line.find_first_of(white_space); i != line.npos;
         i = line.find_first_of(white_space, i + 1)) {
      if (has_image_extension(line.substr(0, i))) last = i;
    }
    if (!last) last = line.find_last_of(white_space);
    if (*last == line.npos || !is_picture(line.substr(0, *last))) return std::nullopt;
    return std::vector{std::string(trimmed(line.substr(0, *last))),
                       std::string(trimmed(line.substr(*last)))};
  }

  std::optional<std::vector<CsvRow>> spaced() const {
    std::vector<CsvRow> rows;
    bool labels = false;
    for (const Line& line : lines_) {
      const std::string_view text = trimmed(line.text);
      if (text.starts_with('"')) return std::nullopt;
      auto fields = at_space(text);
      labels = labels || fields;
      if (!fields && is_picture(text)) fields = {std::string(text), ""};
      if (!fields && rows.empty()) {
        const size_t space = std::min(text.find_first_of(white_space), text.size());
        fields = {std::string(text.substr(0, space)), std::string(trimmed(text.substr(space)))};
        if (!is_header({line.number, *fields})) return std::nullopt;
      }
      if (!fields) return std::nullopt;
      rows.push_back({line.number, std::move(*fields)});
    }
    return labels ? std::optional(rows) : std::nullopt;
  }

  std::string_view text_;
  fs::path folder_;
  std::string origin_;
  std::vector<Line> lines_;
};

struct Columns {
  size_t path = 0;
  std::optional<size_t> label;
};

// Of a first row that names them.
Columns named_columns(const std::vector<std::string>& fields, const std::string& file,
                      std::vector<std::string>& warnings) {
  Columns columns{.path = *column_of(fields, path_names), .label = column_of(fields, label_names)};
  std::string unused;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i == columns.path || i == columns.label || trimmed(fields[i]).empty()) continue;
    if (rank_of(fields[i], own_names) < own_names.size()) continue;
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

// Spreadsheets end every row with the separators of columns that were used once.
void drop_empty_columns(std::vector<CsvRow>& rows) {
  const auto last_is_empty = [](const CsvRow& row) { return trimmed(row.fields.back()).empty(); };
  while (have_same_size(rows, 3) && std::all_of(rows.begin(), rows.end(), last_is_empty)) {
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
  const std::string name = file.string(), text = list_text(read_file(file), name);
  const Separation separation(text, file);
  std::vector<CsvRow> lines = separation.rows();
  ListTable table;
  if (lines.empty()) return table;
  drop_empty_columns(lines);
  const size_t fields = lines.front().fields.size();
  const bool header = separation.is_header(lines.front());
  Columns columns;
  if (header) {
    columns = named_columns(lines.front().fields, file.filename().string(), table.warnings);
  } else if (fields > 2) {
    fail_usage(
        "{}:{}: a row must be path or path,label. Received {} fields: a first row must name the "
        "columns path and label among them.",
        name, lines.front().line, fields);
  } else if (fields == 2) {
    columns.label = 1;
  }
  if (!header && lines.size() > 1 && !separation.is_picture(lines.front().fields[0]) &&
      std::all_of(lines.begin() + 1, lines.end(),
                  [](const CsvRow& row) { return has_image_extension(row.fields[0]); })) {
    fail_usage(
        "{}:{}: the first row must be a picture, or name the columns path and label (or filename, "
        "class …). Received {}.",
        name, lines.front().line, lines.front().fields[0]);
  }
  for (size_t i = header ? 1 : 0; i < lines.size(); ++i) {
    std::vector<std::string>& row = lines[i].fields;
    if (row.size() != fields) {
      fail_usage("{}:{}: every row must have {} fields, as the first has. Received {}.", name,
                 lines[i].line, fields, row.size());
    }
    if (trimmed(row[columns.path]).empty()) {
      fail_usage("{}:{}: the path is empty.", name, lines[i].line);
    }
    std::string label(columns.label ? trimmed(row[*columns.label]) : "");
    table.rows.push_back({lines[i].line, std::move(row[columns.path]), std::move(label)});
  }
  warn_of_missing_labels(table, file.filename().string());
  return table;
}

std::vector<ListRow> read_list_rows(const fs::path& file) {
  return read_list_table(file).rows;
}

}  // namespace nolabel
