// Text that may hold file names, made safe for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace nolabel::cli {

// Control characters become '?', so that a file name can neither move the cursor nor break a line;
// bytes of UTF-8 stay. `kept` are left as they are.
inline std::string printable(std::string_view text, std::string_view kept = "") {
  std::string result(text);
  for (char& byte : result) {
    const auto code = static_cast<unsigned char>(byte);
    const bool control = code < 0x20 || code == 0x7f;
    if (control && kept.find(byte) == kept.npos) byte = '?';
  }
  return result;
}

}  // namespace nolabel::cli
