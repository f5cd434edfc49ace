// From a listing to a data set: every picture is read, decoded and shrunk once, in parallel, into
// one block of pixels: in memory when it fits, else in a packed cache (pack_file.h).
#pragma once

#include "nolabel/data/listing.h"
#include "nolabel/data/source.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// The errors of load_images().
LoadedImages pack_images(Listing listing, const LoadOptions& options, const Observer& observer);

}  // namespace nolabel
