#include "nolabel/report/pca.h"

#include <cmath>

#include "nolabel/base/random.h"

namespace nolabel {
namespace {

// Enough for a starting point of t-SNE and for a picture; nearly equal variances may stay mixed.
constexpr int kIterations = 50;

double dot(const float* a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t d = 0; d < b.size(); ++d) sum += a[d] * b[d];
  return sum;
}

// Scales to length 1; false when there is nothing to scale.
bool normalize(std::vector<double>& v) {
  double squares = 0;
  for (double value : v) squares += value * value;
  if (squares < 1e-24) return false;
  for (double& value : v) value /= std::sqrt(squares);
  return true;
}

// Columns to mean zero.
Matrix<float> centred(Matrix<float> x) {
  std::vector<double> mean(x.columns);
  for (int64_t i = 0; i < x.rows; ++i) {
    for (int64_t d = 0; d < x.columns; ++d) mean[d] += x.at(i, d);
  }
  for (int64_t i = 0; i < x.rows; ++i) {
    for (int64_t d = 0; d < x.columns; ++d) {
      x.at(i, d) -= static_cast<float>(mean[d] / static_cast<double>(x.rows));
    }
  }
  return x;
}

// The scores of the strongest direction of x [N,D], which is then removed from x.
std::vector<float> take_component(Matrix<float>& x, Random random) {
  std::vector<double> direction(x.columns);
  for (double& d : direction) d = random.normal();
  normalize(direction);
  for (int step = 0; step < kIterations; ++step) {
    std::vector<double> next(x.columns);
    for (int64_t i = 0; i < x.rows; ++i) {
      const double score = dot(x.row(i), direction);
      for (int64_t d = 0; d < x.columns; ++d) next[d] += score * x.at(i, d);
    }
    if (!normalize(next)) break;
    direction = next;
  }
  std::vector<float> scores(x.rows);
  for (int64_t i = 0; i < x.rows; ++i) {
    const double score = dot(x.row(i), direction);
    scores[i] = static_cast<float>(score);
    for (int64_t d = 0; d < x.columns; ++d) x.at(i, d) -= static_cast<float>(score * direction[d]);
  }
  return scores;
}

}  // namespace

Plane pca_plane(const Matrix<float>& features, uint64_t seed) {
  Matrix<float> x = centred(features);
  Plane plane;
  plane.x = take_component(x, Random(seed, Purpose::sample, /*a=*/2));
  plane.y = take_component(x, Random(seed, Purpose::sample, /*a=*/3));
  return plane;
}

}  // namespace nolabel
