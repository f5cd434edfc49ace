#include "cli/machine.h"

#include <algorithm>
#include <fstream>
#include <limits>

namespace nolabel::cli {
namespace {

// cgroup v2, then v1; without a limit these files hold "max", a huge number, or are not there.
uint64_t container_limit_bytes() {
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    uint64_t limit = 0;
    if (std::ifstream(path) >> limit) return limit;
  }
  return std::numeric_limits<uint64_t>::max();
}

uint64_t machine_memory_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  uint64_t kibibytes = 0;
  file >> key >> kibibytes;  // "MemTotal: 16384 kB" is the first line
  return kibibytes * 1024;
}

}  // namespace

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != line.npos) return line.substr(colon + 2);
  }
  return "unknown";
}

uint64_t usable_memory_bytes() {
  return std::min(machine_memory_bytes(), container_limit_bytes());
}

}  // namespace nolabel::cli
