// Where programs keep what can be made or fetched again.
#pragma once

#include <filesystem>

namespace nolabel {

// XDG_CACHE_HOME, else ~/.cache; empty where neither is an absolute path.
std::filesystem::path user_cache_folder();

}  // namespace nolabel
