// The two directions in which features vary most.
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/base/npy.h"

namespace nolabel {

// Points of a plane: n coordinates each.
struct Plane {
  std::vector<float> x, y;
};

// Principal component scores of the rows of features [N,D], by power iteration with deflation from
// a random start; the sign of a direction is arbitrary. Zeros where there is no variance left.
Plane pca_plane(const Matrix<float>& features, uint64_t seed);

}  // namespace nolabel
