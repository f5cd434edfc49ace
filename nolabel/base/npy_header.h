// The header of a .npy array: its type, its order and its shape. Private to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nolabel/base/byte_source.h"

namespace nolabel {

struct NpyHeader {
  std::string type;  // as NumPy writes it: "<f4", "|u1", ">i8"
  bool fortran_order = false;
  std::vector<int64_t> shape;

  char kind() const { return type[1]; }  // b, i, u, f, c, O, S, U, V, …
  int item_bytes() const;                // 0 where the type has no size
  bool big_endian() const { return type[0] == '>'; }
  bool is_float() const { return kind() == 'f'; }
};

// Reads versions 1 to 3 of the format from `source` up to the first value. `name` is of the file,
// for messages. Throws Error(Fault::data) for anything else.
NpyHeader read_npy_header(ByteSource& source, const std::string& name);

// Rows and columns of a matrix. Axes of length 1 beyond the second do not count: [N,D,1,1],
// [N,1,1,D] and [1,N,D] are [N,D]. Throws Error(Fault::data) for one dimension, for none, for three
// or more that are longer than 1, and for an array without values.
struct MatrixShape {
  int64_t rows, columns;
};
MatrixShape matrix_shape(const NpyHeader& header, const std::string& name);

// "[400, 48]"
std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace nolabel
