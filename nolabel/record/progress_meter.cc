#include "nolabel/record/progress_meter.h"

#include <utility>

namespace nolabel {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds window{20};
constexpr Seconds spacing{0.2};  // between kept samples: at most 100 of them

}  // namespace

ProgressMeter::ProgressMeter(std::string stage, std::string unit, int64_t total, int64_t done,
                             Clock::time_point now)
    : stage_(std::move(stage)), unit_(std::move(unit)), total_(total), samples_{{now, done}} {}

Progress ProgressMeter::update(int64_t done, std::string step, Clock::time_point now) {
  Progress progress{stage_, std::move(step), done, total_, unit_};
  progress.per_second = per_second({now, done});
  if (total_ > 0 && done >= total_) {
    progress.seconds_left = 0;
  } else if (total_ > 0 && progress.per_second > 0) {
    progress.seconds_left = static_cast<double>(total_ - done) / progress.per_second;
  }
  return progress;
}

double ProgressMeter::per_second(const Sample& latest) {
  // One sample older than the window stays: work in steps longer than that has a rate, too.
  while (samples_.size() > 1 && latest.time - samples_[1].time >= window) samples_.pop_front();
  const Sample first = samples_.front();
  if (latest.time - samples_.back().time >= spacing) samples_.push_back(latest);
  const double seconds = Seconds(latest.time - first.time).count();
  return seconds > 0 ? static_cast<double>(latest.done - first.done) / seconds : 0;
}

}  // namespace nolabel
