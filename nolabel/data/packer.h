// The long part of pack.h: reads every picture of a listing, into memory or into the pack of a
// cache.
#pragma once

#include <functional>
#include <optional>

#include "nolabel/data/listing.h"
#include "nolabel/data/pack_cache.h"
#include "nolabel/data/read_listed.h"
#include "nolabel/data/reading_sample.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct ReadInto {
  PackTable& table;
  bool& saves;  // set once a stop leaves something from which the next process goes on
};

// Tests have their own.
struct ReadingMeans {
  std::function<ReadResult(const ListedImage&, const LoadOptions&)> read = read_listed;
  std::function<double()> now = steady_seconds;
};

// Where the images are now; in memory when FoundPack::file is empty. Nothing when another process
// has made the pack meanwhile. Tells options.watch. The errors of load_images().
std::optional<FoundPack> read_images(const Listing& listing, const LoadOptions& options,
                                     const PackCache& cache, const ReadInto& into,
                                     const Observer& observer, const ReadingMeans& means = {});

}  // namespace nolabel
