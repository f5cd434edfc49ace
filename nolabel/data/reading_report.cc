#include "nolabel/data/reading_report.h"

#include <algorithm>
#include <cmath>

#include "nolabel/base/error.h"

namespace nolabel {

ReadingReport::ReadingReport(const Listing& listing, const LoadOptions& options,
                             const Observer& observer, const ReadingSample::Read& read,
                             std::function<double()> now)
    : listing_(listing),
      options_(options),
      observer_(observer),
      now_(std::move(now)),
      sample_(listing, options.threads, read, now_),
      read_(std::ssize(sample_.listed())) {}

template <typename Call>
void ReadingReport::watch(const Call& call) {
  try {
    call();
  } catch (...) {
    watch_failed_ = true;
    throw;
  }
}

void ReadingReport::tell_sampled(int64_t listed, bool compressed) {
  if (options_.watch.sampled && sample_.readable() > 0) {
    const auto total = static_cast<int64_t>(listing_.images.size());
    const double usable =
        static_cast<double>(sample_.readable()) / static_cast<double>(std::ssize(sample_.listed()));
    const SampledImages sampled{
        .images = sample_.images(listing_, compressed),
        .root = listing_.root,
        .total = std::llround(usable * static_cast<double>(total)),
        .seconds_each = sample_.seconds_each(),
        .seconds_left = static_cast<double>(total - done(listed)) * sample_.seconds_each()};
    try {
      watch([&] { options_.watch.sampled(sampled); });
    } catch (const Error& error) {
      // A time limit ends this, but not the reading, which is to get on a little despite it.
      const CancelToken& cancel = observer_.cancel;
      const bool by_limit = cancel.passed_limit() || !cancel.requested();
      if (error.fault() != Fault::stopped || !by_limit) throw;
      watch_failed_ = false;
    }
  }
  pieces_began_ = reported_ = now_();
}

void ReadingReport::tell_proceeded(int64_t listed, int64_t read) {
  read_ += read;
  ++pieces_;
  const auto total = static_cast<int64_t>(listing_.images.size());
  const double now = now_();
  constexpr double between_reports = 0.1;
  if (listed < total && now - reported_ < between_reports) return;
  reported_ = now;
  const double seconds_each = std::max(this->seconds_each(), 1e-9);
  const double seconds_left = static_cast<double>(total - done(listed)) * seconds_each;
  if (options_.watch.proceeded) watch([&] { options_.watch.proceeded(seconds_left); });
  if (!observer_.progress) return;
  observer_.progress({.stage = "reading images",
                      .step = "",
                      .done = done(listed),
                      .total = total,
                      .unit = "images",
                      .per_second = 1 / seconds_each,
                      .seconds_left = seconds_left});
}

double ReadingReport::seconds() const {
  return sample_.seconds() + (pieces_began_ ? now_() - *pieces_began_ : 0);
}

bool ReadingReport::did_little() const {
  return pieces_ == 0 || now_() - *pieces_began_ < seconds_of_work_despite_limit;
}

}  // namespace nolabel
