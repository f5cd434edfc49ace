// Whether images that came to a run later are like those that its clusters were found from.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "nolabel/evaluate/image_status.h"
#include "nolabel/run/environment.h"

namespace nolabel {

struct Drift {
  int64_t images = 0;     // new ones
  bool is_known = false;  // whether there are known images to compare them with: else all else is 0
  // Shares of unsure images.
  double unsure = 0, unsure_known = 0;
  // Medians of 1 - cosine, around the mean of the known images, to the nearest known image.
  double distance = 0, distance_known = 0;
  // Share of the new images that are farther from the known ones than 95 % of the known ones are
  // from each other: 0.05 where both are alike.
  double far = 0;
  std::vector<float> distances{};  // [images] of the new ones
};

// features [N,D] fp32 on the CPU of `known` and `fresh` images; statuses of each of their rows.
// Near-duplicates are left out by the caller: their distance tells nothing. An empty Drift where
// there are no new images, and one with the number of images alone where fewer than 2 are known. Of
// more than 2,000 known images, 2,000 are compared with the others.
Drift drift_of(const at::Tensor& known, const std::vector<ImageStatus>& known_statuses,
               const at::Tensor& fresh, const std::vector<ImageStatus>& fresh_statuses,
               const Environment& environment);

// A sentence where at least 10 new images were judged and a quarter of them is far, where the share
// of unsure ones is 20 points higher than among the known ones, or where nothing is known to
// compare them with; else empty. `advice`: what the person may do, as a sentence without its full
// stop.
std::string drift_warning(const Drift& drift, const std::string& advice);

}  // namespace nolabel
