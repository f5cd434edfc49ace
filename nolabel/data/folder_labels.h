// Labels from the names of folders. Private to this folder.
#pragma once

#include <optional>
#include <string>

#include "nolabel/data/folder_split.h"
#include "nolabel/data/listing.h"

namespace nolabel {

// Sets the labels and class_names of `listing`, whose images are all of the data set and sorted:
// the first level is the class, below a split's folders and below one folder that holds all others.
// There are none where a picture lies in no such folder, and where the only folder is named after
// pictures (`images`). Returns what the folders were taken for, for the user; empty when there are
// none. Throws Error(Fault::usage) for LabelSource::folders and a picture outside of them.
std::string label_by_folders(Listing& listing, const std::optional<FolderSplit>& split,
                             LabelSource source);

}  // namespace nolabel
