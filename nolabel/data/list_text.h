// The text of a list file as UTF-8 whose lines end in "\n" or "\r\n". Private to this folder.
#pragma once

#include <string>
#include <string_view>

namespace nolabel {

// `bytes` are UTF-8, with or without a byte order mark, UTF-16 with one, or in another encoding of
// single bytes, which stay as they are: paths are bytes. Throws Error(Fault::usage) that names
// `origin` for UTF-16 without a mark and for UTF-32.
std::string list_text(std::string_view bytes, std::string_view origin);

}  // namespace nolabel
