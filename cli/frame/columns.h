// Text in columns of a terminal, whose characters may take one or two cells each.
#pragma once

#include <string>
#include <string_view>

namespace nolabel::cli {

// Cells that UTF-8 `text` takes: two for East Asian wide characters and most emoji, none for
// combining marks.
size_t display_width(std::string_view text);

// `text` with spaces after it up to `width` cells; a longer one is cut in its middle with "…".
std::string padded(std::string_view text, size_t width);

}  // namespace nolabel::cli
