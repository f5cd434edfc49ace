// The luminance of an image, reduced to a small square, and the means of equal cells of any window
// of it: what near-duplicates are found by.
#pragma once

#include <vector>

#include "nolabel/image/image.h"

namespace nolabel {

// A part of an image, in shares of its width and height.
struct Window {
  double left = 0, top = 0, right = 1, bottom = 1;
  bool operator==(const Window&) const = default;
};

class Luminance {
 public:
  static constexpr int kSide = 96;

  // Any size of at least 1 x 1; the sides are reduced or enlarged to kSide, each by itself.
  explicit Luminance(ImageView image);

  // Means of size x size equal cells of the window, row by row.
  std::vector<float> cells(const Window& window, int size) const;

  // The shorter side of the image before it was reduced, in pixels.
  int shorter_side() const { return shorter_side_; }

 private:
  int shorter_side_;
  std::vector<double> sums_;  // [kSide + 1, kSide + 1] of all values above and to the left
};

// Pearson's correlation of two lists of equal length; 0 where one of them is constant.
double correlation(const std::vector<float>& one, const std::vector<float>& other);

// The mean of the squared differences from the mean.
double variance(const std::vector<float>& values);

}  // namespace nolabel
