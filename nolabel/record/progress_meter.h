// How fast the work goes now, and how long it still takes.
#pragma once

#include <chrono>
#include <deque>
#include <string>

#include "nolabel/record/observer.h"

namespace nolabel {

// The rate is taken over a recent window, so that it follows when the work gets slower or faster.
// Not thread-safe; one per stage.
class ProgressMeter {
 public:
  using Clock = std::chrono::steady_clock;

  // `done` is where the work stands at the start: a resumed stage has not just done it all.
  // total 0: unknown.
  ProgressMeter(std::string stage, std::string unit, int64_t total, int64_t done = 0,
                Clock::time_point now = Clock::now());

  // What an Observer is shown. `done` never decreases.
  Progress update(int64_t done, std::string step = "", Clock::time_point now = Clock::now());

 private:
  struct Sample {
    Clock::time_point time;
    int64_t done;
  };
  double per_second(const Sample& latest);

  std::string stage_, unit_;
  int64_t total_;
  std::deque<Sample> samples_;  // the oldest is the window's beginning
};

}  // namespace nolabel
