// The long part of pack.h: reads every picture of a listing, into memory or into the pack of a
// cache.
#pragma once

#include <optional>

#include "nolabel/data/listing.h"
#include "nolabel/data/pack_cache.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct ReadInto {
  PackTable& table;
  bool& saves;  // set once a stop leaves something from which the next process goes on
};

// Where the images are now; in memory when FoundPack::file is empty. Nothing when another process
// has made the pack meanwhile. Tells options.watch. The errors of load_images().
std::optional<FoundPack> read_images(const Listing& listing, const LoadOptions& options,
                                     const PackCache& cache, const ReadInto& into,
                                     const Observer& observer);

}  // namespace nolabel
