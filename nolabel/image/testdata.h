// Private to the tests of this folder: golden files made by tools/golden/image.py.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "nolabel/base/file.h"
#include "nolabel/image/image.h"

namespace nolabel {

inline std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(NOLABEL_TEST_DATA) / name;
}

// The lines of a golden CSV (no quotes in it), split at commas.
inline std::vector<std::vector<std::string>> golden_rows(const std::string& name) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(read_file(golden(name)));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    auto& row = rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
  }
  return rows;
}

// The largest difference of any value, 256 when the sizes differ.
inline int largest_difference(ImageView a, ImageView b) {
  if (a.height != b.height || a.width != b.width) return 256;
  int largest = 0;
  for (size_t i = 0; i < static_cast<size_t>(a.height) * a.width * 3; ++i) {
    largest = std::max(largest, std::abs(a.data[i] - b.data[i]));
  }
  return largest;
}

}  // namespace nolabel
