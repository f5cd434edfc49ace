// How large the cache of a data set will be, told before it is made.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "nolabel/data/listing.h"
#include "nolabel/data/reading_sample.h"
#include "nolabel/data/source.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct PackEstimate {
  uint64_t raw_bytes = 0, compressed_bytes = 0;  // of all images
  double error = 0;  // by how much a compressed level differs, on average, of 255

  uint64_t bytes(CacheFormat format) const {
    return format == CacheFormat::raw ? raw_bytes : compressed_bytes;
  }
};

// What the images take at least, if their files hold pictures as large as they are kept.
uint64_t expected_bytes(const Listing& listing, const LoadOptions& options);

// The beginning of a listing, as far as its pixels are known.
struct ImagesSoFar {
  int64_t listed = 0;  // so many first ones
  uint64_t bytes = 0;  // of their pixels
};

// Those that follow are taken to be as those of a sample of the listing, and all of them to be
// images: a disk should rather have too much room. Compresses some of the sample in parallel.
PackEstimate estimate_pack(const Listing& listing, const ReadingSample& sample,
                           const ImagesSoFar& so_far, const LoadOptions& options,
                           const Observer& observer);

// Throws Error(Fault::system) when `room` bytes are too few, saying which format would fit.
void require_room(const PackEstimate& estimate, CacheFormat cache_format, uint64_t room,
                  const std::filesystem::path& directory);

// "312.4 GiB", "25 MiB".
std::string size_text(uint64_t bytes);

}  // namespace nolabel
