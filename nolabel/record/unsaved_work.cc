#include "nolabel/record/unsaved_work.h"

#include <algorithm>
#include <cmath>

#include "nolabel/base/duration.h"
#include "nolabel/base/error.h"

namespace nolabel {
namespace {

using Clock = std::chrono::steady_clock;

// Before the work begins a process starts, reads its settings and what earlier steps made.
constexpr double seconds_before_work = 3, safety = 1.2;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

void run_unsaved(const std::string& what, Ended ended, const Observer& observer,
                 const std::function<void(const Observer&)>& work, const bool* saves) {
  const Clock::time_point start = Clock::now();
  double share = 0;
  Observer inner = observer;
  // A limit that has passed already would stop the work before its rate is known.
  const bool passed = observer.cancel.passed_limit().has_value();
  if (passed) inner.cancel = CancelToken();
  inner.progress = [&](const Progress& progress) {
    if (progress.total > 0) {
      share = static_cast<double>(progress.done) / static_cast<double>(progress.total);
    }
    if (observer.progress) observer.progress(progress);
    const bool enough = seconds_since(start) > seconds_of_work_despite_limit;
    if (passed && (enough || !observer.cancel.passed_limit())) inner.cancel.request();
  };
  try {
    work(inner);
    if (ended == Ended::lost) observer.cancel.add_repeated(seconds_since(start));
  } catch (const Error& error) {
    if (error.fault() != Fault::stopped) throw;
    const auto limit = observer.cancel.passed_limit();
    if (!limit || share <= 0 || (saves && *saves)) throw;
    const double seconds = seconds_since(start) / share;
    const double least = seconds_before_work + safety * (observer.cancel.repeated() + seconds);
    if (*limit >= least) throw;
    fail_usage(
        "the time limit must be at least {} here, because {} takes about {} and cannot be "
        "continued "
        "after a stop. Received {}.",
        duration_text(std::ceil(least)), what, duration_text(seconds), duration_text(*limit));
  }
}

}  // namespace nolabel
