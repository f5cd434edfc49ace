#include "nolabel/base/cache_folder.h"

#include <cstdlib>

namespace nolabel {

std::filesystem::path user_cache_folder() {
  const char* named = std::getenv("XDG_CACHE_HOME");
  std::filesystem::path folder = named ? named : "";
  if (const char* home = std::getenv("HOME"); folder.empty() && home && *home != '\0') {
    folder = std::filesystem::path(home) / ".cache";
  }
  return folder.is_absolute() ? folder : std::filesystem::path();
}

}  // namespace nolabel
