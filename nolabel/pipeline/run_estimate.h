// What `cluster` says of the time that it takes: before the long part begins, and again where
// reading the images turns out to take another time than a few of them did.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nolabel/pipeline/effort_estimates.h"
#include "nolabel/pipeline/images_ahead.h"
#include "nolabel/record/observer.h"

namespace nolabel {

class RunEstimate {
 public:
  // Of each effort, from now on; nothing where these images cannot be clustered.
  using Measure = std::function<std::vector<EffortEstimate>(const ImagesAhead&)>;

  // `effort`: the name of the one that was asked for. seconds_so_far: of the whole command.
  RunEstimate(std::string effort, Measure measure, std::function<double()> seconds_so_far,
              const Observer& observer);

  // For loading the images. As soon as some are read, the watch measures, and notes how long each
  // effort takes in all. Later it notes a new time where the last one turns out to be wrong. The
  // watch must not outlive this.
  LoadingWatch watch();
  // Where all were decoded already, the measuring comes here.
  void loaded(const ImagesAhead& images);

 private:
  void say(const ImagesAhead& images);
  void correct(double seconds_until_loaded);

  const std::string effort_;
  const Measure measure_;
  const std::function<double()> seconds_so_far_;
  const Observer observer_;
  double after_loading_ = 0;       // seconds
  double said_ = 0, said_at_ = 0;  // seconds of the whole command; 0: no note so far
};

}  // namespace nolabel
