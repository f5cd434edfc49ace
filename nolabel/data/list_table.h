// The table in a list file, however it was written: by hand, by a spreadsheet, by another program.
//
// A row is a picture's path and, if there is one, its label. Fields are separated by commas, tabs,
// semicolons, bars (|) or colons and may stand in quotes (RFC 4180), or the line is a path, then
// white space and a label. UTF-8, or UTF-16 with a byte order mark; lines end in "\n", "\r\n" or
// "\r". Lines that begin with "# " are comments.
//
// The first row may name the columns: `path` (filename, file, image, img_path …) and `label`
// (class, category, target, y …), in any order and case. Other columns are left out, so what
// nolabel writes (assignments.csv) can be read again. Without such a row, the path is the column in
// which most rows have a picture, and a number before path and label may count the rows, as in
// MXNet's lists (index, label, path).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nolabel {

struct ListRow {
  int64_t line;       // in the file, from 1
  std::string path;   // as it is written
  std::string label;  // without white space around it; no label: empty
};

struct ListTable {
  std::vector<ListRow> rows;
  // A line each: columns that are not used, rows without a label among others with one.
  std::vector<std::string> warnings;
  // "column 1 of fields separated by commas was read as the path", for messages.
  std::string read_as;
};

// Throws Error(Fault::usage) with file:line for a row that is none, and for a first row that looks
// like names of columns, of which none is known.
ListTable read_list_table(const std::filesystem::path& file);

// The rows alone.
std::vector<ListRow> read_list_rows(const std::filesystem::path& file);

}  // namespace nolabel
