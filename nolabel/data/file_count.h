// Files found so far while a source is listed: shown as progress, and where listing is stopped.
// Private to this folder.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "nolabel/record/progress_meter.h"

namespace nolabel {

// Thread-safe.
class FileCount {
 public:
  explicit FileCount(const Observer& observer) : observer_(observer) {}
  // So many more; 0 only looks whether to stop. Throws Error(Fault::stopped) on request.
  void add(int64_t files);

 private:
  using Clock = std::chrono::steady_clock;

  const Observer& observer_;
  std::atomic<int64_t> found_{0};
  std::mutex mutex_;  // of what follows
  ProgressMeter meter_{"listing", "files", 0};
  Clock::time_point shown_ = Clock::now();
};

}  // namespace nolabel
