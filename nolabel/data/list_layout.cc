#include "nolabel/data/list_layout.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

#include "nolabel/base/error.h"
#include "nolabel/data/list_columns.h"
#include "nolabel/data/listed_files.h"
#include "nolabel/data/text.h"
#include "nolabel/image/decode.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view white_space = " \t";

struct Separator {
  char character;
  const char* name;
};
constexpr std::array separators = {Separator{',', "commas"}, Separator{'\t', "tabs"},
                                   Separator{';', "semicolons"}, Separator{'|', "vertical bars"}};
// Paths hold it, too (C:\photos, https://…).
constexpr Separator colon = {':', "colons"};

// How many of the rows that were looked at are files that exist, and pictures by these or by name.
struct Fit {
  size_t rows = 0, existing = 0, pictures = 0;

  bool most() const { return 2 * pictures > rows; }
  bool operator<(const Fit& other) const {
    return std::tuple(existing, pictures) < std::tuple(other.existing, other.pictures);
  }
};

struct Candidate {
  ListLayout layout;
  Fit fit;
};

bool have_same_size(const std::vector<CsvRow>& rows, size_t size) {
  return !rows.empty() && std::all_of(rows.begin(), rows.end(),
                                      [&](const CsvRow& row) { return row.fields.size() == size; });
}

class Reader {
 public:
  Reader(std::string text, const fs::path& file)
      : text_(std::move(text)), files_(file.parent_path()), origin_(file.string()) {
    take_out_comments();
    std::string_view left = text_;
    for (int64_t line = 1; !left.empty(); ++line) {
      std::string_view content = left.substr(0, left.find('\n'));
      left.remove_prefix(std::min(content.size() + 1, left.size()));
      if (content.ends_with('\r')) content.remove_suffix(1);
      if (!trimmed(content).empty()) lines_.push_back({line, content});
    }
  }

  ListLayout layout() {
    if (lines_.empty()) return {};
    for (const Separator& separator : separators) {
      const auto first = table(lines_.front().text, separator);
      if (!first || first->front().fields.size() < 2) continue;
      if (!files_.is_header(first->front().fields)) continue;
      return {.rows = all(separator),
              .path = 0,
              .header = true,
              .pictures = false,
              .separator = separator.name};
    }
    for (const Separator& separator : separators) consider_table(separator);
    consider_table(colon);
    consider_whole_lines();
    consider_spaced();
    if (best_) return std::move(best_->layout);
    return without_pictures();
  }

 private:
  struct Line {
    int64_t number;
    std::string_view text;
  };

  // Empty lines take their place, so that the others keep their numbers. In a field with quotes, a
  // line that begins so is no comment.
  void take_out_comments() {
    bool in_quotes = false;
    std::string kept;
    for (std::string_view left = text_; !left.empty();) {
      const std::string_view line = left.substr(0, left.find('\n'));
      const bool ends = line.size() < left.size();
      left.remove_prefix(line.size() + (ends ? 1 : 0));
      const bool comment = !in_quotes && is_comment(line);
      if (!comment) {
        kept += line;
        in_quotes = in_quotes != (std::count(line.begin(), line.end(), '"') % 2 == 1);
      }
      if (ends) kept += '\n';
    }
    text_ = std::move(kept);
  }

  bool is_comment(std::string_view line) const {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line != "#" && !line.starts_with("# ") && !line.starts_with("#\t")) return false;
    if (files_.exists(trimmed(line))) return false;
    return std::none_of(separators.begin(), separators.end(), [&](const Separator& separator) {
      return files_.exists(trimmed(line.substr(0, line.find(separator.character))));
    });
  }

  std::vector<CsvRow> all(const Separator& separator) const {
    return parse_csv(text_, origin_, separator.character);
  }

  // Nothing when there is no such separator or a quote is out of place.
  std::optional<std::vector<CsvRow>> table(std::string_view text,
                                           const Separator& separator) const {
    if (text.find(separator.character) == text.npos) return std::nullopt;
    try {
      return parse_csv(text, origin_, separator.character);
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  // Of up to a thousand rows from the first to the last: a list may have millions, and its files
  // may be on a slow drive. A first row that is no picture may be a header, and does not count.
  Fit fit_of(const std::vector<CsvRow>& rows, size_t column) const {
    constexpr size_t looked_at = 1000;
    const size_t step = (rows.size() + looked_at - 1) / looked_at;
    Fit fit;
    for (size_t i = 0; i < rows.size(); i += step) {
      const auto& fields = rows[i].fields;
      const std::string_view field =
          column < fields.size() ? trimmed(fields[column]) : std::string_view();
      const bool existing = files_.exists(field);
      const bool picture = existing || has_image_extension(field);
      if (i == 0 && rows.size() > 1 && !picture) continue;
      ++fit.rows;
      fit.existing += existing ? 1 : 0;
      fit.pictures += picture ? 1 : 0;
    }
    return fit;
  }

  void consider(ListLayout layout, const Fit& fit) {
    if (fit.most() && (!best_ || best_->fit < fit)) best_ = Candidate{std::move(layout), fit};
  }

  void consider_table(const Separator& separator) {
    auto rows = table(text_, separator);
    if (!rows) return;
    std::map<size_t, size_t> sizes;
    for (const CsvRow& row : *rows) ++sizes[row.fields.size()];
    size_t columns = 0;  // of most rows
    for (const auto& [size, count] : sizes) {
      if (columns == 0 || count >= sizes[columns]) columns = size;
    }
    if (columns < 2) return;
    std::optional<std::pair<size_t, Fit>> best;
    for (size_t column = 0; column < columns; ++column) {
      const Fit fit = fit_of(*rows, column);
      const bool colon_in_path = separator.character == ':' && column > 0 && fit.existing == 0;
      if (!colon_in_path && fit.most() && (!best || best->second < fit)) best = {column, fit};
    }
    if (!best) return;
    const bool header = files_.is_header(rows->front().fields);
    consider({.rows = *std::move(rows),
              .path = best->first,
              .header = header,
              .pictures = true,
              .separator = separator.name},
             best->second);
  }

  // A list of paths alone. These may hold any separator where there are such files.
  void consider_whole_lines() {
    std::vector<CsvRow> rows;
    bool separated = false;
    for (const Line& line : lines_) {
      if (line.text.starts_with('"')) return;
      separated = separated || line.text.find_first_of(",\t;|") != line.text.npos;
      rows.push_back({line.number, {std::string(line.text)}});
    }
    const Fit fit = fit_of(rows, 0);
    if (separated && fit.existing == 0) return;
    const bool header = rows.size() > 1 && files_.is_header(rows.front().fields);
    consider(
        {.rows = std::move(rows), .path = 0, .header = header, .pictures = true, .separator = ""},
        fit);
  }

  // "a photo.png black cat": the label follows the picture. Nothing where that is not so.
  std::optional<std::vector<std::string>> path_first(std::string_view line) const {
    std::optional<size_t> last;
    for (size_t i = line.find_first_of(white_space); i != line.npos;
         i = line.find_first_of(white_space, i + 1)) {
      if (has_image_extension(line.substr(0, i))) last = i;
    }
    if (!last) last = line.find_last_of(white_space);
    if (*last == line.npos || !files_.is_picture(line.substr(0, *last))) return std::nullopt;
    return std::vector{std::string(trimmed(line.substr(0, *last))),
                       std::string(trimmed(line.substr(*last)))};
  }

  static std::vector<std::string> cut(std::string_view line, size_t space) {
    space = std::min(space, line.size());
    return {std::string(line.substr(0, space)), std::string(trimmed(line.substr(space)))};
  }

  void consider_spaced() {
    std::vector<CsvRow> path_then_label, label_then_path;
    bool labels = false;
    for (const Line& line : lines_) {
      const std::string_view text = trimmed(line.text);
      if (text.starts_with('"')) return;
      auto fields = path_first(text);
      labels = labels || fields;
      if (!fields && files_.is_picture(text)) fields = {std::string(text), ""};
      const size_t first = text.find_first_of(white_space);
      const bool may_be_header = path_then_label.empty();
      if (!fields) fields = cut(text, may_be_header ? first : text.find_last_of(white_space));
      path_then_label.push_back({line.number, *std::move(fields)});
      label_then_path.push_back({line.number, cut(text, first)});
    }
    if (labels) {
      const Fit fit = fit_of(path_then_label, 0);
      const bool header = files_.is_header(path_then_label.front().fields);
      consider({.rows = std::move(path_then_label),
                .path = 0,
                .header = header,
                .pictures = true,
                .separator = "white space"},
               fit);
    }
    const Fit fit = fit_of(label_then_path, 1);
    if (fit.existing == 0) return;
    const bool header = files_.is_header(label_then_path.front().fields);
    consider({.rows = std::move(label_then_path),
              .path = 1,
              .header = header,
              .pictures = true,
              .separator = "white space"},
             fit);
  }

  // Of names that are no files, which come with features.
  ListLayout without_pictures() const {
    ListLayout layout;
    layout.rows = all(separators[0]);
    if (!have_same_size(layout.rows, 1)) {
      layout.separator = separators[0].name;
      return layout;
    }
    for (const Separator& separator : separators) {
      auto rows = table(text_, separator);
      if (!rows || !have_same_size(*rows, 2) || files_.exists(layout.rows[0].fields[0])) continue;
      layout.rows = *std::move(rows);
      layout.separator = separator.name;
      return layout;
    }
    layout.header = files_.is_header(layout.rows.front().fields);
    return layout;
  }

  std::string text_;
  ListedFiles files_;
  std::string origin_;
  std::vector<Line> lines_;
  std::optional<Candidate> best_;
};

}  // namespace

ListLayout list_layout(std::string text, const fs::path& file) {
  return Reader(std::move(text), file).layout();
}

}  // namespace nolabel
