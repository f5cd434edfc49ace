#include "cli/frame/time_limit.h"

#include <charconv>
#include <cstdint>

#include "nolabel/base/error.h"

namespace nolabel::cli {
namespace {

[[noreturn]] void refuse(std::string_view text) {
  fail_usage("a time limit must be a time like 90m, 2h, 1h30m or 3600 (seconds). Received {}.",
             text);
}

int64_t seconds_per(char unit) {
  switch (unit) {
    case 'h':
      return 3600;
    case 'm':
      return 60;
    case 's':
      return 1;
    default:
      return 0;
  }
}

}  // namespace

std::chrono::seconds parse_duration(std::string_view text) {
  constexpr int64_t most = 10LL * 365 * 24 * 3600;  // ten years
  int64_t seconds = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    int64_t number = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (parsed.ec != std::errc() || number < 0 || number > most) refuse(text);
    rest.remove_prefix(static_cast<size_t>(parsed.ptr - rest.data()));
    const bool bare = rest.empty() && seconds == 0;  // a number alone is in seconds
    const int64_t unit = bare ? 1 : rest.empty() ? 0 : seconds_per(rest.front());
    if (unit == 0) refuse(text);
    if (!rest.empty()) rest.remove_prefix(1);
    seconds += number * unit;
  }
  if (seconds < 1 || seconds > most) refuse(text);
  return std::chrono::seconds(seconds);
}

TimeLimit::TimeLimit(std::chrono::milliseconds limit, CancelToken cancel)
    : thread_([this, limit, cancel] {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, limit, [this] { return over_; })) cancel.time_out(limit);
      }) {}

TimeLimit::~TimeLimit() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

}  // namespace nolabel::cli
