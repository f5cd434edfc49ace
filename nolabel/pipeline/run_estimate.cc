#include "nolabel/pipeline/run_estimate.h"

#include <cmath>

#include "nolabel/base/duration.h"
#include "nolabel/base/format.h"

namespace nolabel {
namespace {

// Another time is worth a note if it differs by so much, but not more often than this. The rate of
// the first seconds says little.
constexpr double share_worth_a_note = 0.2, seconds_worth_a_note = 10, seconds_between_notes = 10;

}  // namespace

RunEstimate::RunEstimate(std::string effort, Measure measure,
                         std::function<double()> seconds_so_far, const Observer& observer)
    : effort_(std::move(effort)),
      measure_(std::move(measure)),
      seconds_so_far_(std::move(seconds_so_far)),
      observer_(observer) {}

LoadingWatch RunEstimate::watch() {
  return {.sampled = [this](const ImagesAhead& images) { say(images); },
          .proceeded = [this](double seconds_until_loaded) { correct(seconds_until_loaded); }};
}

void RunEstimate::loaded(const ImagesAhead& images) {
  correct(0);
  if (said_ == 0) say(images);
}

void RunEstimate::say(const ImagesAhead& images) {
  const std::vector<EffortEstimate> estimates = measure_(images);
  if (estimates.empty()) return;
  said_at_ = seconds_so_far_();
  std::string text;
  for (const EffortEstimate& estimate : estimates) {
    const double seconds = said_at_ + estimate.seconds;
    text += format("{}{} {}", text.empty() ? "" : ", ", estimate.name, duration_text(seconds));
    if (estimate.name != effort_) continue;
    said_ = seconds;
    after_loading_ = estimate.seconds - images.seconds;
  }
  observer_.note("estimate on this machine: " + text);
}

void RunEstimate::correct(double seconds_until_loaded) {
  if (said_ == 0) return;
  const double now = seconds_so_far_();
  if (seconds_until_loaded > 0 && now - said_at_ < seconds_between_notes) return;
  const double seconds = now + seconds_until_loaded + after_loading_;
  const double difference = std::abs(seconds - said_);
  if (difference < std::max(share_worth_a_note * said_, seconds_worth_a_note)) return;
  said_ = seconds;
  said_at_ = now;
  observer_.note(format("estimate now: {} {}", effort_, duration_text(seconds)));
}

}  // namespace nolabel
