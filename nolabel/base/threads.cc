#include "nolabel/base/threads.h"

#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// The quota in processors, or 0 when there is none.
double cgroup_quota() {
  std::string quota;
  double period = 0;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> quota >> period) {
    return quota == "max" ? 0 : std::stod(quota) / period;
  }
  double microseconds = -1;
  std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (v1_quota >> microseconds && v1_period >> period && microseconds > 0) {
    return microseconds / period;
  }
  return 0;
}

}  // namespace

int available_threads() {
  cpu_set_t set;
  int threads = 1;
  if (sched_getaffinity(0, sizeof set, &set) == 0) threads = CPU_COUNT(&set);
  if (const double quota = cgroup_quota(); quota > 0) {
    threads = std::min(threads, static_cast<int>(std::ceil(quota)));
  }
  return std::max(threads, 1);
}

void require_threads(int count) {
  std::mutex all_stay;
  std::unique_lock holding(all_stay);
  std::vector<std::thread> threads;
  std::exception_ptr refused;
  try {
    threads.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&all_stay] { const std::lock_guard until_told(all_stay); });
    }
  } catch (...) {
    refused = std::current_exception();
  }
  holding.unlock();
  for (std::thread& thread : threads) thread.join();
  if (!refused) return;
  try {
    std::rethrow_exception(refused);
  } catch (const std::exception& error) {
    fail_system(
        "the machine must start {} threads, and could start {}: {}. Free memory, raise the limit "
        "(ulimit -v, ulimit -u), or take fewer threads",
        count, threads.size(), error.what());
  }
}

void parallel_for(int64_t n, int threads, int64_t grain,
                  const std::function<void(int64_t, int64_t)>& body) {
  grain = std::max<int64_t>(grain, 1);
  const int64_t pieces = (n + grain - 1) / grain;
  if (pieces <= 1 || threads <= 1) {
    for (int64_t begin = 0; begin < n; begin += grain) body(begin, std::min(n, begin + grain));
    return;
  }
  std::atomic<int64_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr first;
  std::mutex mutex;
#pragma omp parallel num_threads(threads)
  for (int64_t piece; !failed && (piece = next.fetch_add(1)) < pieces;) {
    try {
      body(piece * grain, std::min(n, (piece + 1) * grain));
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!first) first = std::current_exception();
      failed = true;
    }
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace nolabel
