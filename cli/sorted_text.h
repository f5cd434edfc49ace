// What a command says of images that it sorted into folders.
#pragma once

#include <string>

#include "nolabel/pipeline/sorted_folder.h"

namespace nolabel::cli {

// "sorted: 120 images in one folder per cluster (3 added, 117 unchanged)", with the line end.
std::string sorted_text(const std::string& directory, const SortedCounts& counts);

}  // namespace nolabel::cli
