// What a search tells while it works, and where it stops. Private to this folder.
#pragma once

#include <chrono>
#include <string>

#include "nolabel/record/observer.h"
#include "nolabel/record/progress_meter.h"

namespace nolabel {

// Shows progress in images and, once, says how long the whole will take when that is over a minute:
// from the rate of the work itself, measured for some seconds.
class SearchProgress {
 public:
  // `what` begins the note: "exact search of 50000 images"; `advice` ends it when that is over a
  // quarter of an hour.
  SearchProgress(std::string what, int64_t images, const Observer& observer,
                 std::string advice = "",
                 ProgressMeter::Clock::time_point now = ProgressMeter::Clock::now());

  // `done` of the images. Throws Error(Fault::stopped) on request.
  void update(int64_t done, ProgressMeter::Clock::time_point now = ProgressMeter::Clock::now());

 private:
  const Observer& observer_;
  std::string what_, advice_;
  int64_t images_;
  ProgressMeter::Clock::time_point start_;
  ProgressMeter meter_;
  bool said_ = false;
};

}  // namespace nolabel
