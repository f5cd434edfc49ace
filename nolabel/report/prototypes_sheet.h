// The prototypes of all clusters as one picture (prototypes.png).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nolabel/data/dataset.h"
#include "nolabel/image/image.h"

namespace nolabel {

// About as many columns as rows; below each prototype the name of its cluster. An empty cluster has
// an empty cell.
//   prototypes    [K], -1: an empty cluster
//   cluster_names [K]
Image prototypes_sheet(const Dataset& images, const std::vector<int64_t>& prototypes,
                       const std::vector<std::string>& cluster_names);

}  // namespace nolabel
