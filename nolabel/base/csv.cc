#include "nolabel/base/csv.h"

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

class Parser {
 public:
  Parser(std::string_view text, std::string_view origin, char separator)
      : text_(text), origin_(origin), separator_(separator) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
  }

  std::vector<CsvRow> rows() {
    std::vector<CsvRow> rows;
    while (!at_end()) {
      if (end_line()) continue;  // an empty line
      CsvRow row{line_, {}};
      do {
        skip_spaces_before_quote();
        row.fields.push_back(at('"') ? quoted() : plain());
      } while (skip(separator_));
      if (!at_end() && !end_line()) {
        fail_usage("{}:{}: {} or the line's end must follow a closing quote.", origin_, line_,
                   separator_ == ',' ? "a comma" : "a separator");
      }
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  bool at_end() const { return position_ == text_.size(); }
  bool at(char c) const { return !at_end() && text_[position_] == c; }
  bool skip(char c) {
    if (!at(c)) return false;
    ++position_;
    return true;
  }
  bool at_line_end() const { return at('\n') || text_.substr(position_).starts_with("\r\n"); }
  bool end_line() {
    if (!at_line_end()) return false;
    skip('\r');
    skip('\n');
    ++line_;
    return true;
  }

  void skip_spaces_before_quote() {
    const size_t next = text_.find_first_not_of(' ', position_);
    if (next != text_.npos && text_[next] == '"') position_ = next;
  }

  std::string plain() {
    const size_t start = position_;
    while (!at_end() && !at(separator_) && !at_line_end()) {
      if (at('"')) {
        fail_usage("{}:{}: a field with a quote must stand in quotes.", origin_, line_);
      }
      ++position_;
    }
    return std::string(text_.substr(start, position_ - start));
  }

  std::string quoted() {
    const int64_t opened = line_;
    std::string field;
    ++position_;
    for (;;) {
      if (at_end()) fail_usage("{}:{}: the closing quote is missing.", origin_, opened);
      const char c = text_[position_++];
      if (c == '"' && !skip('"')) {
        while (skip(' ')) {
        }
        return field;
      }
      if (c == '\n') ++line_;
      field += c;
    }
  }

  std::string_view text_, origin_;
  char separator_;
  size_t position_ = 0;
  int64_t line_ = 1;
};

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + '"';
}

std::string csv_row(const std::vector<std::string>& fields) {
  // A row of one empty field would be an empty line.
  if (fields.size() == 1 && fields[0].empty()) return "\"\"\n";
  std::string row;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) row += ',';
    row += csv_field(field);
  }
  return row + '\n';
}

std::vector<CsvRow> parse_csv(std::string_view text, std::string_view origin, char separator) {
  return Parser(text, origin, separator).rows();
}

}  // namespace nolabel
