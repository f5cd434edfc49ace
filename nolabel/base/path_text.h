// Paths as text in JSON, which must be UTF-8 while a file name may hold any bytes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace nolabel {

// Well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// The path itself where it is UTF-8; else "bytes:" and every other byte than the plain ones of
// ASCII as %HH, so that two different paths never become the same text. A path that begins with
// "bytes:" is written so, too.
std::string path_to_json(const std::filesystem::path& path);
// The path that path_to_json() was given. Throws Error(Fault::data) for another text.
std::filesystem::path path_from_json(const std::string& text);

}  // namespace nolabel
