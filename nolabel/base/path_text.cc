#include "nolabel/base/path_text.h"

#include <algorithm>
#include <charconv>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view bytes_mark = "bytes:";

// Bytes of the character that begins with `text`; 0 when it is not well formed (the table of the
// Unicode standard, section 3.9).
size_t character_length(std::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto follows = [&](size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80, high = first == 0xed ? 0x9f : 0xbf;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80, high = first == 0xf4 ? 0x8f : 0xbf;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string path_to_json(const fs::path& path) {
  const std::string& bytes = path.native();
  if (is_utf8(bytes) && !bytes.starts_with(bytes_mark)) return bytes;
  std::string text(bytes_mark);
  for (const char byte : bytes) {
    const bool plain = byte > ' ' && byte < 0x7f && byte != '%';
    text += plain ? std::string(1, byte) : format("%{:02X}", static_cast<unsigned char>(byte));
  }
  return text;
}

fs::path path_from_json(const std::string& text) {
  if (!text.starts_with(bytes_mark)) return text;
  std::string bytes;
  for (size_t i = bytes_mark.size(); i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    unsigned value = 0;
    const char* const digits = text.data() + i + 1;
    const char* const end = digits + std::min<size_t>(2, text.size() - i - 1);
    if (std::from_chars(digits, end, value, 16).ptr != digits + 2) {
      fail_data("a path that begins with bytes: must have %HH for a byte. Received {}.", text);
    }
    bytes += static_cast<char>(value);
    i += 2;
  }
  return bytes;
}

}  // namespace nolabel
