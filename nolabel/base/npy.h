// NumPy's .npy and .npz files: features, neighbor tables, probabilities.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "nolabel/base/matrix.h"

namespace nolabel {

// Read a matrix from a .npy file (versions 1 to 3 of the format) or from a .npz archive with one
// array, or with one matrix of the right type among several. Both byte orders, C and Fortran order,
// and axes of length 1 beyond the two ([N,D,1,1]) are read. Features may be of any integer or float
// type up to 64 bits or bool, tables of any integer type. Beside the result at most 16 MB are used.
// Throws Error(Fault::data) for anything else, naming the file and what is wrong; pickled Python
// objects are never executed.
Matrix<float> read_npy_float(const std::filesystem::path& path);
Matrix<int64_t> read_npy_int64(const std::filesystem::path& path);

// As read_npy_float(), for features that somebody brings. Throws Error(Fault::data) that names the
// rows which hold NaN or infinity.
Matrix<float> read_features(const std::filesystem::path& path);

// Written whole or not at all (file.h): '<f4' and '<i8'.
void write_npy(const std::filesystem::path& path, const Matrix<float>& matrix);
void write_npy(const std::filesystem::path& path, const Matrix<int64_t>& matrix);

}  // namespace nolabel
