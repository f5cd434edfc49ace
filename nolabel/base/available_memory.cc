#include "nolabel/base/available_memory.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr int64_t unknown = std::numeric_limits<int64_t>::max();

int64_t available_of_the_machine() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  int64_t kilobytes = 0;
  while (file >> name >> kilobytes) {
    std::getline(file, unit);
    if (name == "MemAvailable:") return kilobytes * 1024;
  }
  return unknown;
}

std::optional<int64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  int64_t number = 0;
  if (file >> number) return number;
  return std::nullopt;  // no such file, or "max"
}

// The least rest among the control groups that hold this process.
int64_t rest_of_control_groups() {
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  while (std::getline(file, line)) {
    constexpr std::string_view version_two = "0::";
    if (!line.starts_with(version_two)) continue;
    int64_t rest = unknown;
    const fs::path root = "/sys/fs/cgroup";
    fs::path group = root / fs::path(line.substr(version_two.size())).relative_path();
    for (; group != root && group.has_relative_path(); group = group.parent_path()) {
      const auto limit = number_in(group / "memory.max"),
                 used = number_in(group / "memory.current");
      if (limit && used) rest = std::min(rest, std::max<int64_t>(*limit - *used, 0));
    }
    return rest;
  }
  return unknown;
}

}  // namespace

int64_t available_memory() {
  return std::min(available_of_the_machine(), rest_of_control_groups());
}

void require_memory(double bytes, const std::string& what) {
  const auto available = static_cast<double>(available_memory());
  if (bytes <= available) return;
  constexpr double gigabyte = 1e9;
  throw Error(Fault::system, format("out of memory: {} need {:.1f} GB, and {:.1f} GB are free",
                                    what, bytes / gigabyte, available / gigabyte));
}

}  // namespace nolabel
