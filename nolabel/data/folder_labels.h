// Labels from the names of folders. Private to this folder.
#pragma once

#include <optional>

#include "nolabel/data/folder_split.h"
#include "nolabel/data/listing.h"

namespace nolabel {

// Sets the labels and class_names of `listing`, whose images are all of the data set and sorted:
// the first level is the class, below a split's folders and below one folder that holds all others
// (of a split, all others of its part: train/a/cat, test/b/cat). There are none where a picture
// lies in no such folder, and where the only folder is named after pictures (`images`). Adds to its
// notes and warnings what the folders were taken for and which labels are lost. Throws
// Error(Fault::usage) for LabelSource::folders and a picture outside of them.
void label_by_folders(Listing& listing, const std::optional<FolderSplit>& split,
                      LabelSource source);

}  // namespace nolabel
