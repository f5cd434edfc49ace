#include "nolabel/pickle/numpy.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "nolabel/base/error.h"

namespace nolabel::pickle {
namespace {

constexpr size_t most_dimensions = 32;  // as NumPy 1 has it
constexpr size_t utf32_bytes = 4;
constexpr size_t longest_number = 8;

// "numpy.core.x" and "numpy._core.x" (NumPy 2) alike.
bool is_numpy_function(Value value, std::string_view module, std::string_view function) {
  std::string_view name = value.type_name();
  for (const std::string_view core : {"numpy.core.", "numpy._core."}) {
    if (!name.starts_with(core)) continue;
    name.remove_prefix(core.size());
    return name.starts_with(module) && name.substr(module.size()) == function;
  }
  return false;
}

// numpy.dtype('<f8', False, True), whose state is (version, byte order, …).
std::optional<NumpyType> numpy_type(Value value) {
  if (!value.get_if<Instance>() || value.type_name() != "numpy.dtype") return std::nullopt;
  const std::vector<Value> arguments = value.arguments();
  if (arguments.empty() || !arguments[0].get_if<std::string_view>()) return std::nullopt;
  std::string_view code = arguments[0].text();
  NumpyType type;
  if (!code.empty() && std::string_view("<>|=").find(code[0]) != std::string_view::npos) {
    type.big_endian = code[0] == '>';
    code.remove_prefix(1);
  }
  if (code.size() < 2 || code.size() > 10) return std::nullopt;
  type.kind = code[0];
  for (const char digit : code.substr(1)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    type.bytes = 10 * type.bytes + static_cast<size_t>(digit - '0');
  }
  if (type.kind == 'U') type.bytes *= utf32_bytes;
  const bool is_number = std::string_view("biuf").find(type.kind) != std::string_view::npos;
  const bool fits = is_number ? std::has_single_bit(type.bytes) && type.bytes <= longest_number
                              : std::string_view("SUO").find(type.kind) != std::string_view::npos;
  if (!fits) return std::nullopt;
  if (const std::optional<Value> state = value.state()) {
    const std::vector<Value> items = state->items();
    if (items.size() > 1 && items[1].text() == ">") type.big_endian = true;
  }
  return type;
}

std::vector<int64_t> shape_of(Value value) {
  std::vector<int64_t> shape;
  if (value.get_if<int64_t>()) return {value.integer()};
  for (const Value size : value.items()) shape.push_back(size.integer());
  return shape;
}

// Number of elements; Error(Fault::data) when the sizes are negative or their product overflows
// (a size of zero counted as one).
int64_t checked_elements(const std::vector<int64_t>& shape) {
  if (shape.size() > most_dimensions)
    fail_data("an array in its pickle has {} dimensions", shape.size());
  int64_t product = 1;
  bool empty = false;
  for (const int64_t size : shape) {
    empty |= size == 0;
    if (size < 0 || __builtin_mul_overflow(product, size == 0 ? 1 : size, &product)) {
      fail_data("an array in its pickle has an impossible shape");
    }
  }
  return empty ? 0 : product;
}

NumpyArray checked(NumpyArray array) {
  const auto elements = static_cast<uint64_t>(checked_elements(array.shape));
  const bool is_objects = array.type.kind == 'O';
  const uint64_t given = is_objects ? array.objects.size() : array.bytes.size();
  uint64_t needed = 0;
  if (__builtin_mul_overflow(elements, is_objects ? 1 : array.type.bytes, &needed) ||
      needed != given) {
    fail_data("an array in its pickle has {} elements, which do not fit its {} bytes", elements,
              given);
  }
  return array;
}

// _reconstruct(class, (0,), b'b') with the state (version, shape, dtype, is_fortran, bytes).
std::optional<NumpyArray> reconstructed(Value value) {
  const std::optional<Value> state = value.state();
  if (!state || !state->get_if<Sequence>()) return std::nullopt;
  const std::vector<Value> items = state->items();
  if (items.size() != 5) return std::nullopt;
  const std::optional<NumpyType> type = numpy_type(items[2]);
  if (!type) return std::nullopt;
  NumpyArray array{*type, shape_of(items[1]), items[3].integer() != 0, {}, {}};
  if (type->kind == 'O') {
    array.objects = items[4].items();
  } else {
    array.bytes = items[4].text();
  }
  return checked(std::move(array));
}

// _frombuffer(bytes, dtype, shape, order), protocol 5.
std::optional<NumpyArray> from_buffer(Value value) {
  const std::vector<Value> items = value.arguments();
  if (items.size() != 4) return std::nullopt;
  const std::optional<NumpyType> type = numpy_type(items[1]);
  if (!type || type->kind == 'O') return std::nullopt;
  return checked({*type, shape_of(items[2]), items[3].text() == "F", items[0].text(), {}});
}

void reverse_each(std::string& bytes, size_t size) {
  for (size_t i = 0; i + size <= bytes.size(); i += size) {
    std::reverse(bytes.begin() + static_cast<int64_t>(i),
                 bytes.begin() + static_cast<int64_t>(i + size));
  }
}

int64_t integer_of(const NumpyType& type, const char* bytes) {
  int64_t value = 0;
  std::memcpy(&value, bytes, type.bytes);
  const int unused = 64 - 8 * static_cast<int>(type.bytes);
  if (type.kind != 'i' || unused == 0) return value;
  return static_cast<int64_t>(static_cast<uint64_t>(value) << unused) >> unused;  // sign
}

double half_of(const char* bytes) {
  uint16_t bits;
  std::memcpy(&bits, bytes, sizeof bits);
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  double value;
  if (exponent == 31) {
    value = fraction ? NAN : INFINITY;
  } else {
    value = exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24);
  }
  return bits & 0x8000 ? -value : value;
}

double real_of(const NumpyType& type, const char* bytes) {
  if (type.bytes == 2) return half_of(bytes);
  if (type.bytes == sizeof(float)) {
    float value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  }
  double value = 0;
  std::memcpy(&value, bytes, std::min(type.bytes, sizeof value));
  return value;
}

void append_utf8(std::string& text, uint32_t character) {
  const auto tail = [&](int shift) {
    text += static_cast<char>(0x80 | ((character >> shift) & 0x3F));
  };
  if (character < 0x80) {
    text += static_cast<char>(character);
  } else if (character < 0x800) {
    text += static_cast<char>(0xC0 | (character >> 6));
    tail(0);
  } else if (character < 0x10000) {
    text += static_cast<char>(0xE0 | (character >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | ((character >> 18) & 7));
    tail(12);
    tail(6);
    tail(0);
  }
}

// One element of kind 'S' or 'U', without the zeros that fill it up.
std::string text_of(const NumpyType& type, std::string_view element) {
  std::string text;
  if (type.kind == 'S') {
    text = element;
  } else {
    for (size_t i = 0; i + utf32_bytes <= element.size(); i += utf32_bytes) {
      uint32_t character;
      std::memcpy(&character, element.data() + i, sizeof character);
      append_utf8(text, character);
    }
  }
  text.resize(text.find_last_not_of('\0') + 1);
  return text;
}

}  // namespace

int64_t NumpyArray::elements() const {
  return checked_elements(shape);
}

std::optional<NumpyArray> numpy_array(Value value) {
  if (!value.get_if<Instance>()) return std::nullopt;
  if (is_numpy_function(value, "multiarray.", "_reconstruct")) return reconstructed(value);
  if (is_numpy_function(value, "numeric.", "_frombuffer")) return from_buffer(value);
  return std::nullopt;
}

std::string row_major_bytes(const NumpyArray& array) {
  std::string bytes;
  if (!array.column_major || array.shape.size() < 2) {
    bytes = array.bytes;
  } else {
    bytes.resize(array.bytes.size());
    const size_t size = array.type.bytes, dimensions = array.shape.size();
    std::vector<int64_t> index(dimensions, 0), strides(dimensions, 1);
    for (size_t d = 1; d < dimensions; ++d) strides[d] = strides[d - 1] * array.shape[d - 1];
    int64_t from = 0;  // of the element that comes next, in elements
    for (size_t to = 0; to < bytes.size(); to += size) {
      std::memcpy(bytes.data() + to, array.bytes.data() + static_cast<size_t>(from) * size, size);
      for (size_t d = dimensions; d-- > 0;) {
        from += strides[d];
        if (++index[d] < array.shape[d]) break;
        from -= strides[d] * array.shape[d];
        index[d] = 0;
      }
    }
  }
  if (array.type.big_endian) {
    reverse_each(bytes, array.type.kind == 'U'   ? utf32_bytes
                        : array.type.kind == 'S' ? 1
                                                 : array.type.bytes);
  }
  return bytes;
}

std::optional<std::vector<int64_t>> integers(const NumpyArray& array) {
  if (std::string_view("biu").find(array.type.kind) == std::string_view::npos) return std::nullopt;
  const std::string bytes = row_major_bytes(array);
  std::vector<int64_t> numbers;
  for (size_t i = 0; i < bytes.size(); i += array.type.bytes) {
    numbers.push_back(integer_of(array.type, bytes.data() + i));
  }
  return numbers;
}

std::optional<std::vector<std::string>> texts(const NumpyArray& array) {
  std::vector<std::string> result;
  if (array.type.kind == 'O') {
    for (const Value item : array.objects) result.emplace_back(item.text());
    return result;
  }
  if (array.type.kind != 'S' && array.type.kind != 'U') return std::nullopt;
  const std::string bytes = row_major_bytes(array);
  if (array.type.bytes == 0) return std::vector<std::string>(array.elements() ? 1 : 0);
  for (size_t i = 0; i < bytes.size(); i += array.type.bytes) {
    result.push_back(text_of(array.type, std::string_view(bytes).substr(i, array.type.bytes)));
  }
  return result;
}

std::optional<NumpyNumber> numpy_number(Value value) {
  // scalar(dtype, bytes)
  if (!value.get_if<Instance>() || !is_numpy_function(value, "multiarray.", "scalar")) {
    return std::nullopt;
  }
  const std::vector<Value> arguments = value.arguments();
  if (arguments.size() != 2) return std::nullopt;
  const std::optional<NumpyType> type = numpy_type(arguments[0]);
  if (!type || std::string_view("biuf").find(type->kind) == std::string_view::npos) {
    return std::nullopt;
  }
  std::string bytes(arguments[1].text());
  if (bytes.size() != type->bytes) fail_data("a NumPy number in its pickle has a wrong size");
  if (type->big_endian) std::ranges::reverse(bytes);
  if (type->kind == 'f') return real_of(*type, bytes.data());
  const int64_t number = integer_of(*type, bytes.data());
  if (type->kind == 'b') return number != 0;
  return number;
}

}  // namespace nolabel::pickle
