// How the rows of a list file are written: what separates the fields, and which of them are the
// pictures. Private to this folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/base/csv.h"

namespace nolabel {

struct ListLayout {
  std::vector<CsvRow> rows;  // the header among them, without comments
  size_t path = 0;           // the column of the pictures
  bool header = false;       // the first row names the columns
  bool pictures = false;     // most rows have a picture there, a header aside
  std::string separator;     // "commas", "white space" …; empty when a row is a path alone
};

// What fits most rows. Comments are lines that begin with "# ", unless there is such a file.
// Throws Error(Fault::usage) "<origin>:<line>: …" for a quote out of place.
ListLayout list_layout(std::string text, const std::filesystem::path& file);

}  // namespace nolabel
