// Writes an .npy file (npy.h) from rows that are in memory already, without a Matrix of their own.
#pragma once

#include <cstdint>
#include <filesystem>

namespace nolabel {

// values [rows, columns], as '<f4'. Written whole or not at all.
void write_npy_rows(const std::filesystem::path& path, const float* values, int64_t rows,
                    int64_t columns);

}  // namespace nolabel
