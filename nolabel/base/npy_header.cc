#include "nolabel/base/npy_header.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

constexpr size_t shown = 200;                // characters of a header in a message
constexpr size_t longest = size_t{1} << 20;  // bytes of a header: NumPy's own limit is 10,000

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

// Takes `expected` from the front of `text`, and the spaces before it.
bool take(std::string_view& text, char expected) {
  skip_spaces(text);
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

// What follows `'key':` in the header, a Python dict of literals; empty when there is no such key.
std::string_view value_of(std::string_view header, std::string_view key) {
  for (const char quote : {'\'', '"'}) {
    const std::string quoted = quote + std::string(key) + quote;
    const size_t found = header.find(quoted);
    if (found == header.npos) continue;
    std::string_view rest = header.substr(found + quoted.size());
    if (!take(rest, ':')) continue;
    skip_spaces(rest);
    return rest;
  }
  return {};
}

// "'<f4', …" is <f4; nothing when it is no text (a list: several columns of different types).
std::optional<std::string> quoted_text(std::string_view value) {
  if (!value.starts_with('\'') && !value.starts_with('"')) return std::nullopt;
  const size_t end = value.find(value.front(), 1);
  if (end == value.npos) return std::nullopt;
  return std::string(value.substr(1, end - 1));
}

// "(3, 4), …" is {3, 4}; Python 2 wrote (3L, 4L).
std::optional<std::vector<int64_t>> sizes_of(std::string_view value) {
  if (!take(value, '(')) return std::nullopt;
  std::vector<int64_t> sizes;
  while (!take(value, ')')) {
    skip_spaces(value);
    int64_t size = -1;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
    if (error != std::errc() || size < 0) return std::nullopt;
    value.remove_prefix(static_cast<size_t>(end - value.data()));
    if (value.starts_with('L')) value.remove_prefix(1);
    sizes.push_back(size);
    if (!take(value, ',') && !value.starts_with(')')) return std::nullopt;
  }
  return sizes;
}

// Little-endian.
size_t number(const char* bytes, int count) {
  size_t value = 0;
  for (int i = count - 1; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

std::string header_text(ByteSource& source, const std::string& name) {
  char start[8];
  if (source.read(start, 8) < 8 || std::string_view(start, 6) != "\x93NUMPY") {
    fail_data("{} must be a NumPy array (.npy). Its first bytes are not.", name);
  }
  const int version = static_cast<uint8_t>(start[6]);
  if (version < 1 || version > 3) {
    fail_data("{} must be of version 1 to 3 of the .npy format. It is of version {}.", name,
              version);
  }
  const int bytes = version == 1 ? 2 : 4;
  char length[4];
  if (source.read(length, bytes) < static_cast<size_t>(bytes)) {
    fail_data("{} is truncated in its header.", name);
  }
  const size_t size = number(length, bytes);
  if (size > longest) fail_data("{} must have a header below 1 MB. It announces {}.", name, size);
  std::string text(size, '\0');
  if (source.read(text.data(), size) < size) fail_data("{} is truncated in its header.", name);
  return text;
}

}  // namespace

int NpyHeader::item_bytes() const {
  int bytes = 0;
  std::from_chars(type.data() + 2, type.data() + type.size(), bytes);
  return bytes;
}

NpyHeader read_npy_header(ByteSource& source, const std::string& name) {
  const std::string text = header_text(source, name);
  const std::string_view start = std::string_view(text).substr(0, shown);
  NpyHeader header;
  const std::optional<std::string> type = quoted_text(value_of(text, "descr"));
  if (!type || type->size() < 2 || std::string_view("<>|=").find((*type)[0]) == std::string::npos) {
    fail_data("{} must hold numbers of one type. Its header is {}", name, start);
  }
  header.type = *type;
  const std::string_view order = value_of(text, "fortran_order");
  header.fortran_order = order.starts_with("True");
  if (!header.fortran_order && !order.starts_with("False")) {
    fail_data("{} must say its order, fortran_order. Its header is {}", name, start);
  }
  const auto sizes = sizes_of(value_of(text, "shape"));
  if (!sizes) fail_data("{} must say its shape. Its header is {}", name, start);
  header.shape = *sizes;
  return header;
}

MatrixShape matrix_shape(const NpyHeader& header, const std::string& name) {
  const std::vector<int64_t>& shape = header.shape;
  if (shape.size() < 2) {
    fail_data(
        "{} must have two dimensions, one row per image: [images, values]. Its shape is {}; "
        "numpy.reshape makes rows of it.",
        name, shape_text(shape));
  }
  if (std::ranges::find(shape, 0) != shape.end()) {
    fail_data("{} must hold at least one value. Its shape is {}.", name, shape_text(shape));
  }
  if (shape.size() == 2) return {shape[0], shape[1]};
  std::vector<int64_t> longer;
  std::ranges::copy_if(shape, std::back_inserter(longer), [](int64_t size) { return size > 1; });
  if (longer.size() == 2) return {longer[0], longer[1]};
  if (longer.empty()) return {1, 1};
  if (longer.size() == 1) {
    return shape[0] > 1 ? MatrixShape{longer[0], 1} : MatrixShape{1, longer[0]};
  }
  fail_data(
      "{} must have two dimensions, one row per image: [images, values]. Its shape is {}; a mean "
      "over the further axes, or numpy.reshape, makes rows of it.",
      name, shape_text(shape));
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

}  // namespace nolabel
