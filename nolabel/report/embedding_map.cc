#include "nolabel/report/embedding_map.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nolabel/base/random.h"
#include "nolabel/report/pca.h"
#include "nolabel/report/tsne.h"

namespace nolabel {
namespace {

// To [0, 1]. Each axis by itself: how long a map is one way and how wide the other way says little.
void scale_to_unit(std::vector<float>& axis) {
  const auto [least, most] = std::ranges::minmax(axis);
  for (float& value : axis) value = most > least ? (value - least) / (most - least) : .5f;
}

// Second moments about the centre.
struct Spread {
  double xx = 0, yy = 0, xy = 0;
};

Spread spread_of(const Plane& plane) {
  const auto n = static_cast<double>(plane.x.size());
  const double centre_x = std::reduce(plane.x.begin(), plane.x.end(), 0.) / n;
  const double centre_y = std::reduce(plane.y.begin(), plane.y.end(), 0.) / n;
  Spread spread;
  for (size_t i = 0; i < plane.x.size(); ++i) {
    const double x = plane.x[i] - centre_x, y = plane.y[i] - centre_y;
    spread.xx += x * x / n;
    spread.yy += y * y / n;
    spread.xy += x * y / n;
  }
  return spread;
}

// Turned so that the longest direction is x. Two groups often lie on a diagonal, which would leave
// most of the picture empty.
Plane turned_upright(const Plane& plane) {
  if (plane.x.size() < 3) return plane;  // two points have no second direction
  const Spread s = spread_of(plane);
  const double angle = std::atan2(2 * s.xy, s.xx - s.yy) / 2;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  Plane turned = plane;
  for (size_t i = 0; i < plane.x.size(); ++i) {
    turned.x[i] = static_cast<float>(cosine * plane.x[i] + sine * plane.y[i]);
    turned.y[i] = static_cast<float>(cosine * plane.y[i] - sine * plane.x[i]);
  }
  return turned;
}

// Where the map begins: the two strongest directions, each with variance 1, and a thousandth of
// noise, so that copies of an image and features that vary in one direction only can spread.
Plane start_of(const Matrix<float>& sample, uint64_t seed) {
  Plane start = pca_plane(sample, seed);
  Random random(seed, Purpose::sample, /*a=*/4);
  const auto prepare = [&random](std::vector<float>& axis, double variance) {
    const double scale = variance > 0 ? 1 / std::sqrt(variance) : 0;
    for (float& value : axis) value = static_cast<float>(value * scale + 1e-3 * random.normal());
  };
  const Spread spread = spread_of(start);
  prepare(start.x, spread.xx);
  prepare(start.y, spread.yy);
  return start;
}

}  // namespace

std::vector<MapPoint> embedding_map(const Matrix<float>& features, int64_t limit, uint64_t seed,
                                    int threads) {
  std::vector<int64_t> chosen = permutation(features.rows, Random(seed, Purpose::sample, /*a=*/1));
  chosen.resize(std::min(features.rows, limit));
  std::ranges::sort(chosen);
  if (chosen.empty()) return {};

  Matrix<float> sample(static_cast<int64_t>(chosen.size()), features.columns);
  for (int64_t i = 0; i < sample.rows; ++i) {
    std::copy_n(features.row(chosen[i]), features.columns, sample.row(i));
  }
  Plane plane = turned_upright(tsne(sample, start_of(sample, seed), threads));
  scale_to_unit(plane.x);
  scale_to_unit(plane.y);

  std::vector<MapPoint> points;
  for (size_t i = 0; i < chosen.size(); ++i) points.push_back({chosen[i], plane.x[i], plane.y[i]});
  return points;
}

}  // namespace nolabel
