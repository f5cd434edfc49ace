// A dense row-major matrix of host memory: features, neighbor tables, probabilities.
#pragma once

#include <cstdint>
#include <vector>

namespace nolabel {

// [rows, columns]
template <class T>
struct Matrix {
  int64_t rows = 0, columns = 0;
  std::vector<T> values;  // rows * columns

  Matrix() = default;
  Matrix(int64_t rows_, int64_t columns_)
      : rows(rows_), columns(columns_), values(rows_ * columns_) {}
  T* row(int64_t i) { return values.data() + i * columns; }
  const T* row(int64_t i) const { return values.data() + i * columns; }
  T& at(int64_t i, int64_t j) { return values[i * columns + j]; }
  const T& at(int64_t i, int64_t j) const { return values[i * columns + j]; }
};

}  // namespace nolabel
