// What is told while the pictures of a listing are read: what a sample of them shows, and how far
// reading has come; with the clock that this needs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>

#include "nolabel/data/listing.h"
#include "nolabel/data/reading_sample.h"
#include "nolabel/record/observer.h"

namespace nolabel {

class ReadingReport {
 public:
  // Reads the sample. All must outlive it.
  ReadingReport(const Listing& listing, const LoadOptions& options, const Observer& observer,
                const ReadingSample::Read& read, std::function<double()> now);

  ReadingSample& sample() { return sample_; }
  const ReadingSample& sample() const { return sample_; }

  // Before the first piece is read; the first `listed` images are there already. compressed: that
  // is how they are kept.
  void tell_sampled(int64_t listed, bool compressed);
  // A piece was read, which took so many images from outside the sample; now the first `listed`
  // ones are there.
  void tell_proceeded(int64_t listed, int64_t read);
  // The watch threw an error, of which the pictures know nothing.
  bool watch_failed() const { return watch_failed_; }

  // Of reading: the sample and the pieces, but not what comes between them.
  double seconds() const;
  // By all threads together, and by the processes that help, of the images that were read since
  // this process began.
  double seconds_each() const {
    return seconds() / static_cast<double>(std::max<int64_t>(read_, 1));
  }
  // Whether a stop would leave nothing or little more than an earlier process did. The sample does
  // not count, because a stop loses it. Thread-safe while a piece is read.
  bool did_little() const;

 private:
  template <typename Call>
  void watch(const Call& call);
  int64_t done(int64_t listed) const { return listed + sample_.waiting(listed); }

  const Listing& listing_;
  const LoadOptions& options_;
  const Observer& observer_;
  const std::function<double()> now_;
  ReadingSample sample_;
  int64_t read_ = 0;    // images, since this process began
  int64_t pieces_ = 0;  // that were read
  std::optional<double> pieces_began_;
  double reported_ = 0;
  bool watch_failed_ = false;
};

}  // namespace nolabel
