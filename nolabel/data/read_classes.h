// The classes of the images that could be read. Private to this folder.
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/data/listing.h"

namespace nolabel {

// Takes the classes out of `listing` none of whose images could be read: a video or a row that is
// no picture makes no class. Classes without any image in the list stay, as those of a published
// data set. `read` [.] are indices of its images.
void keep_read_classes(Listing& listing, const std::vector<int64_t>& read);

}  // namespace nolabel
