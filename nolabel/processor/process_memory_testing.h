// For tests: how much memory this process has.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>

namespace nolabel {

inline int64_t statm_bytes(int field) {
  std::ifstream statm("/proc/self/statm");
  int64_t pages = 0;
  for (int i = 0; i <= field; ++i) statm >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

inline int64_t address_space() {
  return statm_bytes(0);
}

inline int64_t resident() {
  return statm_bytes(1);
}

// Ends the process with 1 where that cannot be.
inline void limit_address_space_to_further(int64_t bytes) {
  const auto all = static_cast<rlim_t>(address_space() + bytes);
  const rlimit limit{.rlim_cur = all, .rlim_max = all};
  if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(1);
}

}  // namespace nolabel
