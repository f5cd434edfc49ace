// Some images of a listing, spread evenly over it and read before the others. They tell how large
// the images are and how long reading them takes; what was read is taken when its turn comes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "nolabel/data/read_listed.h"

namespace nolabel {

// Seconds of a clock that never goes back.
double steady_seconds();

class ReadingSample {
 public:
  using Read = std::function<ReadResult(const ListedImage&)>;

  // Read on so many threads, until they are 256 or fill 64 MiB, or have taken a second. Where a
  // second allows less than 32 that can be read, it may take four.
  ReadingSample(const Listing& listing, int threads, const Read& read,
                const std::function<double()>& now = steady_seconds);

  // Numbers in the listing, ascending.
  const std::vector<int64_t>& listed() const { return listed_; }
  double seconds() const { return seconds_; }
  // By all threads together, for each image.
  double seconds_each() const;

  int64_t readable() const { return readable_; }  // so many are images
  double bytes_each() const;                      // of pixels, of those that are images; 0: none is
  // Of these bytes; 0 unless CacheFormat::compressed.
  double compressed_share() const;
  // Those that are images and were not taken, as pixels or as compressed pictures; without labels.
  Dataset images(const Listing& listing, bool compressed) const;

  // nullptr: it is not in the sample, or was taken.
  const ReadResult* find(int64_t listed) const;
  // Once. Safe from several threads for different images.
  std::optional<ReadResult> take(int64_t listed);
  // Those before this one will not be taken.
  void drop_before(int64_t listed);
  // How many are still to be taken, from this one on. Not while another thread takes one.
  int64_t waiting(int64_t from) const;

 private:
  std::vector<int64_t> listed_;
  std::map<int64_t, std::optional<ReadResult>> results_;
  double seconds_ = 0;
  int64_t readable_ = 0;
  uint64_t bytes_ = 0, compressed_bytes_ = 0;
};

}  // namespace nolabel
