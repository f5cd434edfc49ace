// NumPy's arrays and numbers in pickles, in every form that NumPy 1 and 2 write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "nolabel/pickle/pickle.h"

namespace nolabel::pickle {

// Of one element: 'b' bool, 'i' int, 'u' unsigned, 'f' float, 'S' bytes, 'U' text, 'O' object.
struct NumpyType {
  char kind = 0;
  size_t bytes = 0;
  bool big_endian = false;
};

struct NumpyArray {
  NumpyType type;
  std::vector<int64_t> shape;
  bool column_major = false;   // Fortran order
  std::string_view bytes;      // of all elements; the pickle's own
  std::vector<Value> objects;  // of kind 'O', instead of bytes

  int64_t elements() const;
};

// The array that `value` describes, its bytes checked against its shape; none: it is no array, or
// one of a type that is not listed above. Error(Fault::data): it is a damaged one.
std::optional<NumpyArray> numpy_array(Value value);

// The bytes of an array in row-major (C) order and in the byte order of this machine.
std::string row_major_bytes(const NumpyArray& array);

// The elements of an array in row-major order; none: they are of other kinds.
std::optional<std::vector<int64_t>> integers(const NumpyArray& array);
std::optional<std::vector<std::string>> texts(const NumpyArray& array);

// A NumPy scalar: np.int64(3), np.float32(0.5), np.bool_(True); none: `value` is none of these.
using NumpyNumber = std::variant<bool, int64_t, double>;
std::optional<NumpyNumber> numpy_number(Value value);

}  // namespace nolabel::pickle
