// For tests of what a computation takes.
#pragma once

#include <malloc.h>

#include <fstream>
#include <string>

namespace nolabel {

// AddressSanitizer holds back what is freed, so that much freed and taken again counts each time.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool freed_memory_is_used_again = false;
#else
inline constexpr bool freed_memory_is_used_again = true;
#endif

// Peak resident memory of this process in MB, since the last call with `reset`.
inline double peak_mb(bool reset) {
  if (reset) {
    malloc_trim(0);  // or what earlier work left would be used again, unseen
    std::ofstream("/proc/self/clear_refs") << "5";
  }
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

}  // namespace nolabel
