// Where this code lies on disk, to find what is installed beside it.
#pragma once

#include <filesystem>
#include <vector>

namespace nolabel {

// The folder of the running program and, when nolabel was linked into a shared library, of that
// library. Folders that cannot be told are left out.
std::vector<std::filesystem::path> code_folders();

}  // namespace nolabel
