// Which pictures a report shows, and the pictures.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "nolabel/report/budget.h"
#include "nolabel/report/report_data.h"

namespace nolabel {

struct Gallery {
  nlohmann::json pictures = nlohmann::json::array();
  // Numbers into `pictures`, per cluster: most confident first, least confident first.
  std::vector<std::vector<int>> most, least;
  std::vector<int> prototypes;  // [K] -1: none; empty when the report has none
  // Per part of the tree: its most confident images that are on none of these shelves.
  std::vector<std::vector<int>> parts;
};

// Of a picture in pixels, where there is room for it.
inline constexpr int largest_shown_side = 320;
// Of images in so many clusters, how many pictures are shown at most; their tree has three parts of
// a cluster.
int64_t most_pictures(int clusters);

// Of every cluster up to 36 most and 18 least confident images, and of every part of the tree at
// least 6 images (or all that it has), as many as `budget` allows. The
// page shows a picture at 160 pixels; where the budget has room for all of them, they have up to
// twice as many, for screens of high density.
Gallery make_gallery(const ReportData& data, Budget& budget);

}  // namespace nolabel
