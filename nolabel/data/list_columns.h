// What the columns of a list file may be called. Private to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nolabel {

// The column with the likeliest name for pictures ("path", "file name" …) or labels ("label",
// "class" …), in any case; nothing when there is none.
std::optional<size_t> path_column(const std::vector<std::string>& names);
std::optional<size_t> label_column(const std::vector<std::string>& names);

// A column of assignments.csv, which nolabel writes, other than path and label.
bool is_own_column(std::string_view name);

}  // namespace nolabel
