// Values made by scikit-learn and SciPy (tools/golden/evaluate.py), for the tests of this folder.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>

#include "nolabel/base/npy.h"

namespace nolabel {

inline nlohmann::json golden(const char* part) {
  std::ifstream file(NOLABEL_TEST_DATA "/golden.json");
  return nlohmann::json::parse(file).at(part);
}

template <class T>
Matrix<T> matrix_from(const nlohmann::json& rows) {
  Matrix<T> matrix(static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows.at(0).size()));
  for (int64_t i = 0; i < matrix.rows; ++i) {
    for (int64_t j = 0; j < matrix.columns; ++j) matrix.at(i, j) = rows[i][j].get<T>();
  }
  return matrix;
}

}  // namespace nolabel
