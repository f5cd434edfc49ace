// List files: CSV rows "path[,label]". A first row whose first field is "path" is a header, and the
// label is then the column "label": so what nolabel writes (assignments.csv) can be read again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nolabel {

struct ListRow {
  int64_t line;       // in the file, from 1
  std::string path;   // as it is written
  std::string label;  // no label: empty
};

// Throws Error(Fault::usage) with file:line for a row that is none.
std::vector<ListRow> read_list_rows(const std::filesystem::path& file);

// The labels that occur: alphabetical, or by value when all of them are numbers.
std::vector<std::string> list_class_names(const std::vector<ListRow>& rows);

}  // namespace nolabel
