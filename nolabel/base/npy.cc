#include "nolabel/base/npy.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <string_view>

#include "nolabel/base/byte_source.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/npy_header.h"
#include "nolabel/base/npy_rows.h"
#include "nolabel/base/npz.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little);

// Bytes of values that are read at a time.
constexpr int64_t buffer_bytes = int64_t{1} << 24;

// An array whose header has been read: the values follow in `values`.
struct NpyArray {
  std::string name;  // for messages: the file, and the entry of an archive
  NpyHeader header;
  MatrixShape shape;
  std::unique_ptr<ByteSource> values;
};

bool fits_features(const NpyHeader& header) {
  return header.is_float();
}
bool fits_tables(const NpyHeader& header) {
  return header.kind() == 'i' || header.kind() == 'u';
}

// What people give for features that is none, by its first bytes.
[[noreturn]] void refuse(const fs::path& path, std::string_view start) {
  const char* found = "";
  if (start.starts_with('\x80')) {
    found = " It is a Python pickle; numpy.save(FILE, numpy.asarray(features)) writes an array.";
  } else if (start.starts_with("version ")) {
    found = " It is a pointer of Git LFS; `git lfs pull` brings the file.";
  } else if (start.starts_with("\x89HDF")) {
    found = " It is an HDF5 file; numpy.save(FILE, dataset[:]) writes an array.";
  }
  fail_data("{} must be a NumPy .npy or .npz file. Its first bytes are not.{}", path.string(),
            found);
}

NpyArray open_array(const fs::path& path, bool (*fits)(const NpyHeader&), const char* wanted) {
  NpyArray array;
  array.name = path.string();
  auto file = std::make_unique<FileSource>(path);
  char bytes[8] = {};
  const std::string_view start(bytes, file->read(bytes, sizeof(bytes)));
  if (start.starts_with("PK")) {
    const NpzArray chosen = choose_array(npz_arrays(path), fits, wanted, array.name);
    array.name += ", " + chosen.entry;
    array.values = std::make_unique<NpzSource>(path, chosen.entry);
  } else if (start.starts_with("\x93NUMPY")) {
    file->rewind();
    array.values = std::move(file);
  } else {
    refuse(path, start);
  }
  array.header = read_npy_header(*array.values, array.name);
  if (array.header.kind() == 'O') {
    fail_data(
        "{} must hold numbers. It holds Python objects (a pickle), which nolabel does not execute; "
        "numpy.asarray(rows, dtype='float32') makes numbers of them.",
        array.name);
  }
  return array;
}

template <class From, class To>
void decode(const char* from, int64_t count, bool swapped, To* to, int64_t stride) {
  for (int64_t i = 0; i < count; ++i) {
    char bytes[sizeof(From)];
    std::memcpy(bytes, from + i * static_cast<int64_t>(sizeof(From)), sizeof(From));
    if (swapped) std::reverse(bytes, bytes + sizeof(From));
    From value;
    std::memcpy(&value, bytes, sizeof(From));
    to[i * stride] = static_cast<To>(value);
  }
}

template <class To>
using Decode = void (*)(const char* from, int64_t count, bool swapped, To* to, int64_t stride);

// How values of the header's type become To; null for a type that is no integer, float or bool of
// at most 64 bits.
template <class To>
Decode<To> decoder(const NpyHeader& header) {
  struct Known {
    const char* type;  // without the byte order
    Decode<To> decode;
  };
  static constexpr Known known[] = {
      {"f2", decode<_Float16, To>}, {"f4", decode<float, To>},    {"f8", decode<double, To>},
      {"i1", decode<int8_t, To>},   {"i2", decode<int16_t, To>},  {"i4", decode<int32_t, To>},
      {"i8", decode<int64_t, To>},  {"u1", decode<uint8_t, To>},  {"u2", decode<uint16_t, To>},
      {"u4", decode<uint32_t, To>}, {"u8", decode<uint64_t, To>}, {"b1", decode<uint8_t, To>}};
  for (const Known& type : known) {
    if (std::string_view(header.type).substr(1) == type.type) return type.decode;
  }
  return nullptr;
}

void require_all(const NpyArray& array, uint64_t available) {
  const auto item = static_cast<uint64_t>(array.header.item_bytes());
  const auto rows = static_cast<uint64_t>(array.shape.rows);
  const auto columns = static_cast<uint64_t>(array.shape.columns);
  if (rows <= available / item / columns) return;
  fail_data("{} is truncated: {} x {} values are announced, at most {} are there.", array.name,
            rows, columns, available / item);
}

void read_all(const NpyArray& array, char* bytes, int64_t count) {
  if (array.values->read(bytes, count) == static_cast<size_t>(count)) return;
  fail_data("{} is truncated: {} x {} values are announced, fewer are there.", array.name,
            array.shape.rows, array.shape.columns);
}

// Value after value, as the file has them.
template <class To>
void read_rows(const NpyArray& array, Decode<To> decode, Matrix<To>& matrix) {
  const int64_t item = array.header.item_bytes();
  const auto all = static_cast<int64_t>(matrix.values.size());
  const int64_t block = std::min(all, buffer_bytes / item);
  std::vector<char> buffer(block * item);
  for (int64_t first = 0; first < all; first += block) {
    const int64_t count = std::min(block, all - first);
    read_all(array, buffer.data(), count * item);
    decode(buffer.data(), count, array.header.big_endian(), matrix.values.data() + first, 1);
  }
}

// The file has column after column. A run of rows of some columns at a time keeps what is written
// near together where the buffer allows it.
template <class To>
void read_columns(const NpyArray& array, Decode<To> decode, Matrix<To>& matrix) {
  const int64_t item = array.header.item_bytes();
  const int64_t rows = std::min(matrix.rows, buffer_bytes / item);  // of a column at a time
  const int64_t columns =
      rows < matrix.rows ? 1 : std::min(matrix.columns, buffer_bytes / item / rows);
  std::vector<char> buffer(rows * columns * item);
  constexpr int64_t band = 64;  // rows whose cache lines stay while their columns are written
  for (int64_t column = 0; column < matrix.columns; column += columns) {
    const int64_t now = std::min(columns, matrix.columns - column);
    for (int64_t row = 0; row < matrix.rows; row += rows) {
      const int64_t count = std::min(rows, matrix.rows - row);
      read_all(array, buffer.data(), count * now * item);
      for (int64_t begin = 0; begin < count; begin += band) {
        const int64_t some = std::min(band, count - begin);
        for (int64_t c = 0; c < now; ++c) {
          decode(buffer.data() + (c * count + begin) * item, some, array.header.big_endian(),
                 &matrix.at(row + begin, column + c), matrix.columns);
        }
      }
    }
  }
}

template <class To>
Matrix<To> read_matrix(NpyArray& array, const char* wanted) {
  const Decode<To> decode = decoder<To>(array.header);
  if (decode == nullptr) {
    fail_data("{} must hold {}. It holds {}.", array.name, wanted, array.header.type);
  }
  array.shape = matrix_shape(array.header, array.name);
  require_all(array, array.values->most_left());
  Matrix<To> matrix(array.shape.rows, array.shape.columns);
  if (array.header.fortran_order) {
    read_columns(array, decode, matrix);
  } else {
    read_rows(array, decode, matrix);
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

// "3, 17 and 40 more"
std::string some_rows(const std::vector<int64_t>& rows) {
  constexpr size_t named = 2;
  std::string text = std::to_string(rows[0]);
  if (rows.size() == 1) return text;
  if (rows.size() == named) return format("{} and {}", text, rows[1]);
  return format("{}, {} and {} more", text, rows[1], rows.size() - named);
}

}  // namespace

Matrix<float> read_npy_float(const fs::path& path) {
  NpyArray array = open_array(path, fits_features, "floating-point numbers");
  return read_matrix<float>(array, "integers or floating-point numbers of at most 64 bits");
}

Matrix<int64_t> read_npy_int64(const fs::path& path) {
  NpyArray array = open_array(path, fits_tables, "integers");
  if (!fits_tables(array.header)) {
    fail_data("{} must hold integers. It holds {}.", array.name, array.header.type);
  }
  return read_matrix<int64_t>(array, "integers of at most 64 bits");
}

Matrix<float> read_features(const fs::path& path) {
  Matrix<float> features = read_npy_float(path);
  std::vector<int64_t> bad;
  for (int64_t i = 0; i < features.rows; ++i) {
    const float* row = features.row(i);
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::all_of(row, row + features.columns, finite)) bad.push_back(i);
  }
  if (bad.empty()) return features;
  fail_data("{}: {} {} NaN or infinity. Every row must hold finite numbers (rows count from 0).",
            path.string(), (bad.size() == 1 ? "row " : "rows ") + some_rows(bad),
            bad.size() == 1 ? "holds" : "hold");
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
