// Pictures side by side with a caption below each: prototypes, contact sheets.
#pragma once

#include <string>
#include <vector>

#include "nolabel/data/dataset.h"
#include "nolabel/image/image.h"

namespace nolabel {

struct SheetCell {
  ImageView image;  // must outlive the call; without data the cell stays empty
  std::string caption;
};

struct SheetStyle {
  int columns = 0;  // 0: about as many as rows
  int side = 128;   // of the square that a picture is fitted into; small ones are enlarged
};

Image picture_sheet(const std::vector<SheetCell>& cells, const SheetStyle& style = {});

// One cell per cluster, captioned with its name.
//   prototypes    [K], -1: an empty cluster
//   cluster_names [K]
Image prototypes_sheet(const Dataset& images, const std::vector<int64_t>& prototypes,
                       const std::vector<std::string>& cluster_names);

}  // namespace nolabel
