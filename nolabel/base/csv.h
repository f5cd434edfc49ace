// CSV as RFC 4180 has it: fields with commas, quotes or line breaks stand in double quotes, and a
// quote inside is doubled. UTF-8; lines end in "\n".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nolabel {

// The field as it stands in a row: in quotes only where it must be.
std::string csv_field(std::string_view text);
// Fields joined by commas, with the line end.
std::string csv_row(const std::vector<std::string>& fields);

struct CsvRow {
  int64_t line = 0;  // of its first character, from 1
  std::vector<std::string> fields;
};

// All rows, whose fields end at `separator`; empty lines are left out, "\r\n" and "\n" end a line,
// a UTF-8 byte order mark is dropped, and so are spaces around quotes. Throws Error(Fault::usage)
// "<origin>:<line>: …" for a quote out of place.
std::vector<CsvRow> parse_csv(std::string_view text, std::string_view origin, char separator = ',');

}  // namespace nolabel
