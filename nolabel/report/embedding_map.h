// Where images lie in feature space, on a plane: exact t-SNE of a sample.
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/base/npy.h"

namespace nolabel {

struct MapPoint {
  int64_t image;
  float x, y;  // in [0, 1]; each axis is scaled by itself and reaches both ends
};

// At most `limit` images drawn at random. Time and memory grow with its square: 2,000 with D = 512
// take 3.4 seconds of one core. The same features, seed and limit give the same map on any number
// of threads.
//   features [N,D]
std::vector<MapPoint> embedding_map(const Matrix<float>& features, int64_t limit, uint64_t seed,
                                    int threads);

}  // namespace nolabel
