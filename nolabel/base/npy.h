// NumPy's .npy files, version 1 and 2: features, neighbor tables, probabilities.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "nolabel/base/matrix.h"

namespace nolabel {

// Read a two-dimensional, C-ordered, little-endian array. Features may be float16, float32 or
// float64, tables int32 or int64. Throws Error(Fault::data) for anything else, naming the file.
Matrix<float> read_npy_float(const std::filesystem::path& path);
Matrix<int64_t> read_npy_int64(const std::filesystem::path& path);

// Written whole or not at all (file.h): '<f4' and '<i8'.
void write_npy(const std::filesystem::path& path, const Matrix<float>& matrix);
void write_npy(const std::filesystem::path& path, const Matrix<int64_t>& matrix);

}  // namespace nolabel
