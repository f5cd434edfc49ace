#include "cli/frame/columns.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <charconv>
#include <clocale>
#include <cstdlib>
#include <cwchar>
#include <vector>

namespace nolabel::cli {
namespace {

// While it lives, this thread reads text as UTF-8 whatever the user's locale: file names are.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (locale_) before_ = ::uselocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;
  ~Utf8Locale() {
    if (!locale_) return;
    ::uselocale(before_);
    ::freelocale(locale_);
  }

 private:
  locale_t locale_ = nullptr, before_ = nullptr;
};

struct Character {
  size_t bytes, columns;
};

Character first_character(std::string_view text) {
  std::mbstate_t state{};
  wchar_t character = 0;
  const size_t bytes = std::mbrtowc(&character, text.data(), text.size(), &state);
  if (bytes == 0 || bytes > text.size()) return {1, 1};  // a zero, or not UTF-8
  return {bytes, static_cast<size_t>(std::max(::wcwidth(character), 0))};
}

std::vector<Character> characters_of(std::string_view text) {
  const Utf8Locale utf8;
  std::vector<Character> characters;
  while (!text.empty()) {
    characters.push_back(first_character(text));
    text.remove_prefix(characters.back().bytes);
  }
  return characters;
}

// Bytes of as many of the characters from `begin` on as fit into the columns, and what follows
// them without a column of its own.
template <class Iterator>
size_t bytes_that_fit(Iterator begin, Iterator end, size_t columns) {
  size_t bytes = 0;
  for (; begin != end && begin->columns <= columns; ++begin) {
    bytes += begin->bytes;
    columns -= begin->columns;
  }
  return bytes;
}

}  // namespace

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  for (const Character& character : characters_of(text)) columns += character.columns;
  return columns;
}

std::string shortened(std::string_view text, size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  constexpr std::string_view left_out = "…";
  const std::vector<Character> characters = characters_of(text);
  const size_t tail_columns = (columns - 1) / 2;
  const size_t head_bytes =
      bytes_that_fit(characters.begin(), characters.end(), columns - 1 - tail_columns);
  const size_t tail_bytes = bytes_that_fit(characters.rbegin(), characters.rend(), tail_columns);
  std::string result(text.substr(0, head_bytes));
  result += left_out;
  return result.append(text.substr(text.size() - tail_bytes));
}

std::string padded(std::string_view text, size_t columns) {
  std::string result = shortened(text, columns);
  return result.append(columns - columns_of(result), ' ');
}

size_t terminal_columns(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  constexpr size_t usual = 80;
  const char* const said = std::getenv("COLUMNS");
  if (!said) return usual;
  const std::string_view text(said);
  size_t columns = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
  return error == std::errc() && end == text.data() + text.size() && columns > 0 ? columns : usual;
}

}  // namespace nolabel::cli
