#include "nolabel/report/tsne.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nolabel/base/random.h"

namespace nolabel {
namespace {

// Without groups the graph of neighbors is well connected, so early exaggeration shrinks the map.
Matrix<float> one_connected_group(int64_t n) {
  Random random(1, Purpose::sample);
  Matrix<float> x(n, 8);
  for (float& value : x.values) value = 1 + .1f * static_cast<float>(random.normal());
  return x;
}

// Standard deviations along the map's longest and shortest direction.
std::pair<double, double> extents(const Plane& plane) {
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  const auto n = static_cast<double>(plane.x.size());
  for (size_t i = 0; i < plane.x.size(); ++i) {
    mx += plane.x[i] / n;
    my += plane.y[i] / n;
  }
  for (size_t i = 0; i < plane.x.size(); ++i) {
    xx += (plane.x[i] - mx) * (plane.x[i] - mx) / n;
    yy += (plane.y[i] - my) * (plane.y[i] - my) / n;
    xy += (plane.x[i] - mx) * (plane.y[i] - my) / n;
  }
  const double middle = (xx + yy) / 2, half = std::hypot((xx - yy) / 2, xy);
  return {std::sqrt(middle + half), std::sqrt(std::max(middle - half, 0.))};
}

TEST(Tsne, SpreadsOneConnectedGroupBothWaysFromAnyStart) {
  for (const int64_t n : {20, 60, 200, 400}) {
    const Matrix<float> features = one_connected_group(n);
    for (const uint64_t seed : {1, 2}) {
      Random random(seed, Purpose::sample, /*a=*/1);
      Plane start;
      for (int64_t i = 0; i < n; ++i) {
        start.x.push_back(5 + static_cast<float>(random.normal()));
        start.y.push_back(-3 + 1e-3f * static_cast<float>(random.normal()));
      }
      const auto [longest, shortest] = extents(tsne(features, start, 1));
      EXPECT_GT(longest, .1) << n;
      EXPECT_GT(shortest, longest / 4) << n << ", seed " << seed;
    }
  }
}

TEST(Tsne, IsCentred) {
  Plane start;
  for (int i = 0; i < 50; ++i) {
    start.x.push_back(100 + std::sin(static_cast<float>(i)));
    start.y.push_back(std::cos(static_cast<float>(i * i)));
  }
  const Plane plane = tsne(one_connected_group(50), start, 1);
  double x = 0, y = 0;
  for (size_t i = 0; i < 50; ++i) {
    x += plane.x[i];
    y += plane.y[i];
  }
  EXPECT_NEAR(x, 0, 1e-2);
  EXPECT_NEAR(y, 0, 1e-2);
}

}  // namespace
}  // namespace nolabel
