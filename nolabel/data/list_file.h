// List files: pictures and their labels, a row each; list_table.h says how they may be written.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/data/list_table.h"

namespace nolabel {

// The labels that occur: alphabetical, or by value when all of them are numbers.
std::vector<std::string> list_class_names(const std::vector<ListRow>& rows);

}  // namespace nolabel
