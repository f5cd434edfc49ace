#include "nolabel/neighbors/search_progress.h"

#include "nolabel/base/duration.h"
#include "nolabel/base/format.h"

namespace nolabel {
namespace {

constexpr double kMeasured = 3, kWorthSaying = 60, kWorthAdvice = 900;  // seconds

}  // namespace

SearchProgress::SearchProgress(std::string what, int64_t images, const Observer& observer,
                               std::string advice, ProgressMeter::Clock::time_point now)
    : observer_(observer),
      what_(std::move(what)),
      advice_(std::move(advice)),
      images_(images),
      start_(now),
      meter_("mine", "images", images, 0, now) {}

void SearchProgress::update(int64_t done, ProgressMeter::Clock::time_point now) {
  observer_.stop_if_requested();
  const Progress progress = meter_.update(done, "", now);
  if (observer_.progress) observer_.progress(progress);
  const double seconds = std::chrono::duration<double>(now - start_).count();
  if (said_ || done == 0 || seconds < kMeasured) return;
  said_ = true;
  const double whole = seconds * static_cast<double>(images_) / static_cast<double>(done);
  if (whole < kWorthSaying) return;
  const bool advise = !advice_.empty() && whole >= kWorthAdvice;
  observer_.note(format("mine: {} takes about {} (measured {:.3g} images a second){}", what_,
                        duration_text(whole), static_cast<double>(done) / seconds,
                        advise ? "; " + advice_ : ""));
}

}  // namespace nolabel
