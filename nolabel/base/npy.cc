#include "nolabel/base/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/npy_rows.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

struct NpyArray {
  std::string type;  // "<f4"
  int64_t rows, columns;
  MappedFile file;  // not read: features may be as large as the memory
  size_t offset;    // of the first value in it

  std::string_view content() const {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
  }
};

// What follows `'key':` in the header, a Python dict of literals; empty when there is no such key.
std::string_view value_of(std::string_view header, std::string_view key) {
  const std::string quoted = format("'{}':", key);
  const size_t found = header.find(quoted);
  if (found == header.npos) return {};
  header.remove_prefix(found + quoted.size());
  return header.substr(std::min(header.find_first_not_of(' '), header.size()));
}

// "'<f4', …" is <f4; nothing when it is no text (a list: several columns of different types).
std::optional<std::string> quoted_text(std::string_view value) {
  if (!value.starts_with('\'')) return std::nullopt;
  const size_t end = value.find('\'', 1);
  if (end == value.npos) return std::nullopt;
  return std::string(value.substr(1, end - 1));
}

// "(3, 4), …" is {3, 4}; nothing when it is anything but two sizes.
std::optional<std::pair<int64_t, int64_t>> two_sizes(std::string_view value) {
  const auto skip = [&value](char expected) {
    while (value.starts_with(' ')) value.remove_prefix(1);
    if (!value.starts_with(expected)) return false;
    value.remove_prefix(1);
    return true;
  };
  const auto number = [&value]() -> int64_t {
    while (value.starts_with(' ')) value.remove_prefix(1);
    int64_t size = -1;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
    if (error != std::errc()) return -1;
    value.remove_prefix(static_cast<size_t>(end - value.data()));
    return size;
  };
  if (!skip('(')) return std::nullopt;
  const int64_t rows = number();
  if (rows < 0 || !skip(',')) return std::nullopt;
  const int64_t columns = number();
  skip(',');
  if (columns < 0 || !skip(')')) return std::nullopt;
  return std::pair{rows, columns};
}

NpyArray read_npy(const fs::path& path) {
  NpyArray array;
  array.file = MappedFile(path);
  const std::string_view bytes = array.content();
  if (bytes.size() < 12 || bytes.compare(0, 6, "\x93NUMPY") != 0) {
    fail_data("{} must be a NumPy .npy file. Its first bytes are not.", path.string());
  }
  const bool long_header = bytes[6] >= 2;
  const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<uint8_t>(bytes[i])); };
  size_t header = byte(8) | byte(9) << 8;
  if (long_header) header |= byte(10) << 16 | byte(11) << 24;
  const size_t start = long_header ? 12 : 10;
  array.offset = start + header;
  if (array.offset > bytes.size()) fail_data("{} is truncated in its header.", path.string());
  constexpr size_t shown = 200;
  const std::string_view text = bytes.substr(start, header);
  const std::optional<std::string> type = quoted_text(value_of(text, "descr"));
  if (!type) {
    fail_data("{} must hold numbers of one type. Its header is {}", path.string(),
              text.substr(0, shown));
  }
  if (!value_of(text, "fortran_order").starts_with("False")) {
    fail_data("{} must be in C order (numpy.ascontiguousarray).", path.string());
  }
  const auto sizes = two_sizes(value_of(text, "shape"));
  if (!sizes) {
    fail_data("{} must have two dimensions. Its header is {}", path.string(),
              text.substr(0, shown));
  }
  array.type = *type;
  array.rows = sizes->first;
  array.columns = sizes->second;
  return array;
}

template <class From, class To>
Matrix<To> convert(const NpyArray& array, const fs::path& path) {
  const size_t available = (array.content().size() - array.offset) / sizeof(From);
  const auto rows = static_cast<size_t>(array.rows), columns = static_cast<size_t>(array.columns);
  if (columns > 0 && rows > available / columns) {
    fail_data("{} is truncated: {} x {} values are announced, {} are there.", path.string(),
              array.rows, array.columns, available);
  }
  Matrix<To> matrix(array.rows, array.columns);
  const char* source = array.content().data() + array.offset;
  for (size_t i = 0; i < matrix.values.size(); ++i) {
    From value;
    std::memcpy(&value, source + i * sizeof(From), sizeof(From));
    matrix.values[i] = static_cast<To>(value);
  }
  return matrix;
}

template <class T>
void write(const fs::path& path, const T* values, int64_t rows, int64_t columns, const char* type) {
  std::string header =
      format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}, {}), }}", type, rows, columns);
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  AtomicFile file(path);
  file.write(std::string_view("\x93NUMPY\x01\x00", 8));
  const char size[2] = {static_cast<char>(header.size() & 255),
                        static_cast<char>(header.size() >> 8)};
  file.write(size, 2);
  file.write(header);
  file.write(values, static_cast<size_t>(rows * columns) * sizeof(T));
  file.commit();
}

}  // namespace

Matrix<float> read_npy_float(const fs::path& path) {
  const NpyArray array = read_npy(path);
  if (array.type == "<f4") return convert<float, float>(array, path);
  if (array.type == "<f8") return convert<double, float>(array, path);
  if (array.type == "<f2") return convert<_Float16, float>(array, path);
  fail_data("{} must hold float16, float32 or float64. It holds {}.", path.string(), array.type);
}

Matrix<int64_t> read_npy_int64(const fs::path& path) {
  const NpyArray array = read_npy(path);
  if (array.type == "<i8") return convert<int64_t, int64_t>(array, path);
  if (array.type == "<i4") return convert<int32_t, int64_t>(array, path);
  fail_data("{} must hold int32 or int64. It holds {}.", path.string(), array.type);
}

void write_npy(const fs::path& path, const Matrix<float>& matrix) {
  write_npy_rows(path, matrix.values.data(), matrix.rows, matrix.columns);
}
void write_npy(const fs::path& path, const Matrix<int64_t>& matrix) {
  write(path, matrix.values.data(), matrix.rows, matrix.columns, "<i8");
}
void write_npy_rows(const fs::path& path, const float* values, int64_t rows, int64_t columns) {
  write(path, values, rows, columns, "<f4");
}

}  // namespace nolabel
