// Text in the columns of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nolabel::cli {

// Columns that UTF-8 text takes: two for a wide character (CJK, emoji), none for a combining one.
// A byte that is not UTF-8 takes one.
size_t columns_of(std::string_view text);

// `text` in at most `columns` columns; what is too long loses its middle, where "…" stands.
std::string shortened(std::string_view text, size_t columns);

// shortened(), with spaces after it up to `columns`.
std::string padded(std::string_view text, size_t columns);

// Of the terminal that `descriptor` is; where it is none or does not say, what the environment's
// COLUMNS says, else 80.
size_t terminal_columns(int descriptor);

}  // namespace nolabel::cli
