// List files: pictures and their labels, a row each; list_table.h says how they may be written.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/data/list_table.h"

namespace nolabel {

// The labels that occur: alphabetical, or by value when all of them are numbers.
std::vector<std::string> list_class_names(const std::vector<ListRow>& rows);

// The path of each row as its file in `root` is called: as it is written, or without the spaces
// around it, or with Windows' backslashes as slashes. As it is written where there is no such file,
// and where none of the first 100 rows has one: rows can be a million identifiers.
std::vector<std::string> listed_names(const std::filesystem::path& root,
                                      const std::vector<ListRow>& rows);

}  // namespace nolabel
