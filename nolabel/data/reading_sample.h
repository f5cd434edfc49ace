// Some images of a listing, spread evenly over it and read before the others. They tell how large
// the images are and how long reading them takes; what was read is taken when its turn comes.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "nolabel/data/read_listed.h"

namespace nolabel {

class ReadingSample {
 public:
  using Read = std::function<ReadResult(const ListedImage&)>;

  // Read on so many threads, until they are 256, have taken a second, or fill 64 MiB.
  ReadingSample(const Listing& listing, int threads, const Read& read);

  // Numbers in the listing, ascending.
  const std::vector<int64_t>& listed() const { return listed_; }
  // By all threads together, for each image.
  double seconds_each() const;

  double bytes_each() const;  // of pixels
  // Those that are images and were not taken, as pixels or as compressed pictures; without labels.
  Dataset images(const Listing& listing, bool compressed) const;

  // nullptr: it is not in the sample, or was taken.
  const ReadResult* find(int64_t listed) const;
  // Once. Safe from several threads for different images.
  std::optional<ReadResult> take(int64_t listed);
  // Those before this one will not be taken.
  void drop_before(int64_t listed);
  // How many are still to be taken.
  int64_t waiting() const { return waiting_; }

 private:
  std::vector<int64_t> listed_;
  std::map<int64_t, std::optional<ReadResult>> results_;
  std::atomic<int64_t> waiting_ = 0;
  double seconds_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace nolabel
