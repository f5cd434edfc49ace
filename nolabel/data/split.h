// A hold-out for sources that have no test images of their own.
#pragma once

#include <cstdint>
#include <vector>

namespace nolabel {

struct HoldOut {
  std::vector<int64_t> train, test;  // indices, ascending
};

// Sets `fraction` of n images aside, rounded to the nearest number but at least one image on either
// side (when n >= 2 and fraction > 0). The test images are the first of one seeded permutation of
// 0..n-1, so the same n and seed always give the same split; adding an image draws a new one.
// Throws Error(Fault::usage) unless 0 <= fraction < 1.
HoldOut hold_out(int64_t n, double fraction, uint64_t seed);

// The same without separating what belongs together: group [n] holds the same number for images of
// one group. The groups are taken in the order of their first images in the permutation, until so
// many images are set aside; where no two images belong together it is the split above.
HoldOut hold_out(const std::vector<int64_t>& group, double fraction, uint64_t seed);

}  // namespace nolabel
