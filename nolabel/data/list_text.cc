#include "nolabel/data/list_text.h"

#include <algorithm>
#include <cstdint>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

using namespace std::string_view_literals;

void append_utf8(std::string& text, uint32_t point) {
  const auto byte = [&](uint32_t value) { text += static_cast<char>(value); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) {
    byte(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3F));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & 0x3F));
    byte(0x80 | (point >> 6 & 0x3F));
  }
  byte(0x80 | (point & 0x3F));
}

// Without its mark. Half a pair becomes U+FFFD.
std::string from_utf16(std::string_view bytes, bool little_endian) {
  const auto unit = [&](size_t i) -> uint32_t {
    const auto first = static_cast<uint8_t>(bytes[i]), second = static_cast<uint8_t>(bytes[i + 1]);
    return little_endian ? first | second << 8 : first << 8 | second;
  };
  const auto is_low = [](uint32_t value) { return value >= 0xDC00 && value < 0xE000; };
  std::string text;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const uint32_t high = unit(i);
    if (high >= 0xD800 && high < 0xDC00 && i + 3 < bytes.size() && is_low(unit(i + 2))) {
      append_utf8(text, 0x10000 + ((high - 0xD800) << 10) + (unit(i + 2) - 0xDC00));
      i += 2;
    } else {
      append_utf8(text, high >= 0xD800 && high < 0xE000 ? 0xFFFD : high);
    }
  }
  return text;
}

std::string to_utf8(std::string_view bytes, std::string_view origin) {
  constexpr std::string_view what("a list file must be a text in UTF-8 or UTF-16");
  if (bytes.starts_with("\xFF\xFE\0\0"sv) || bytes.starts_with("\0\0\xFE\xFF"sv)) {
    fail_usage("{}. {} is in UTF-32: save it as UTF-8.", what, origin);
  }
  if (bytes.starts_with("\xFF\xFE"sv)) return from_utf16(bytes.substr(2), true);
  if (bytes.starts_with("\xFE\xFF"sv)) return from_utf16(bytes.substr(2), false);
  if (bytes.find('\0') != bytes.npos) {
    fail_usage("{}. {} has bytes of 0: save it as UTF-8 (UTF-16 needs its byte order mark).", what,
               origin);
  }
  if (bytes.starts_with("\xEF\xBB\xBF"sv)) bytes.remove_prefix(3);
  return std::string(bytes);
}

}  // namespace

std::string list_text(std::string_view bytes, std::string_view origin) {
  std::string text = to_utf8(bytes, origin);
  // Where there are line feeds, "\r" alone belongs to a name.
  if (text.find('\n') == text.npos) std::replace(text.begin(), text.end(), '\r', '\n');
  return text;
}

}  // namespace nolabel
