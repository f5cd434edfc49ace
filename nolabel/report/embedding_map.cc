#include "nolabel/report/embedding_map.h"

#include <algorithm>

#include "nolabel/base/random.h"
#include "nolabel/report/pca.h"
#include "nolabel/report/tsne.h"

namespace nolabel {
namespace {

// Into the unit square, centred, the same scale both ways.
void scale_to_unit(Plane& p) {
  const auto [left, right] = std::ranges::minmax(p.x);
  const auto [bottom, top] = std::ranges::minmax(p.y);
  const float extent = std::max({right - left, top - bottom, 1e-12f});
  const float centre_x = (left + right) / 2, centre_y = (bottom + top) / 2;
  for (float& x : p.x) x = (x - centre_x) / extent + .5f;
  for (float& y : p.y) y = (y - centre_y) / extent + .5f;
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
  Plane plane = tsne(sample, pca_plane(sample, seed), threads);
  scale_to_unit(plane);

  std::vector<MapPoint> points;
  for (size_t i = 0; i < chosen.size(); ++i) points.push_back({chosen[i], plane.x[i], plane.y[i]});
  return points;
}

}  // namespace nolabel
