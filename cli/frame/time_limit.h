// --time-limit: asks the work to stop when the time is over.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

#include "nolabel/base/cancel.h"

namespace nolabel::cli {

// "90m", "2h", "1h30m", "45s", "3600" (seconds). Throws Error(Fault::usage).
std::chrono::seconds parse_duration(std::string_view text);

// A thread that uses the token once the limit has passed; gone when this is destroyed.
class TimeLimit {
 public:
  TimeLimit(std::chrono::milliseconds limit, CancelToken cancel);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace nolabel::cli
