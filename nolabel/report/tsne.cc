#include "nolabel/report/tsne.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nolabel/base/threads.h"

namespace nolabel {
namespace {

constexpr double kPerplexity = 30;
constexpr int kExaggerated = 100, kDescentSteps = 400;
constexpr double kExaggeration = 12;
constexpr int kLanes = 8;  // partial sums, so that the compiler can use vector registers

float squared_distance(const float* a, const float* b, int64_t n) {
  float sums[kLanes] = {};
  int64_t d = 0;
  for (; d + kLanes <= n; d += kLanes) {
    for (int l = 0; l < kLanes; ++l) sums[l] += (a[d + l] - b[d + l]) * (a[d + l] - b[d + l]);
  }
  for (; d < n; ++d) sums[0] += (a[d] - b[d]) * (a[d] - b[d]);
  float sum = 0;
  for (float s : sums) sum += s;
  return sum;
}

// Turns squared distances from point i into probabilities of the wanted perplexity: bisection on
// the precision of a Gaussian. Distances are relative to the nearest point, so nothing underflows.
void to_probabilities(float* row, int64_t n, int64_t i, double perplexity) {
  double nearest = INFINITY, mean = 0;
  for (int64_t j = 0; j < n; ++j) {
    if (j == i) continue;
    nearest = std::min<double>(nearest, row[j]);
    mean += row[j];
  }
  mean = std::max(mean / static_cast<double>(n - 1), 1e-30);
  double low = 0, high = INFINITY, precision = 1 / mean, total = 0;
  for (int step = 0; step < 60; ++step) {
    double weighted = 0;
    total = 0;
    for (int64_t j = 0; j < n; ++j) {
      if (j == i) continue;
      const double p = std::exp(-(row[j] - nearest) * precision);
      total += p;
      weighted += (row[j] - nearest) * p;
    }
    const double excess = std::log(total) + precision * weighted / total - std::log(perplexity);
    if (std::abs(excess) < 1e-5) break;
    (excess > 0 ? low : high) = precision;
    precision = std::isinf(high) ? precision * 2 : (low + high) / 2;
  }
  for (int64_t j = 0; j < n; ++j) {
    row[j] = j == i ? 0 : static_cast<float>(std::exp(-(row[j] - nearest) * precision) / total);
  }
}

// Less is no probability: against the others it is below rounding, but its products with small
// distances would be subnormal numbers, which take a processor a hundred times as long. The map of
// 1,800 points in three separated clouds took 18 s instead of 1.
constexpr float kSmallestAffinity = 1e-30F;

// Symmetric joint probabilities [N,N].
Matrix<float> affinities(const Matrix<float>& features, int threads) {
  const int64_t n = features.rows;
  const double perplexity = std::min(kPerplexity, static_cast<double>(n - 1) / 3);
  Matrix<float> p(n, n);
  parallel_for(n, threads, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        p.at(i, j) = squared_distance(features.row(i), features.row(j), features.columns);
      }
      to_probabilities(p.row(i), n, i, perplexity);
    }
  });
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      const float joint = (p.at(i, j) + p.at(j, i)) / (2 * static_cast<float>(n));
      p.at(i, j) = p.at(j, i) = joint < kSmallestAffinity ? 0 : joint;
    }
  }
  return p;
}

// What the other points do to one, before the normalisation that only all points together know.
struct Forces {
  float attract_x = 0, attract_y = 0, repel_x = 0, repel_y = 0, weight = 0;
};

Forces forces_on(int64_t i, const float* p, const Plane& at) {
  float ax[kLanes] = {}, ay[kLanes] = {}, rx[kLanes] = {}, ry[kLanes] = {}, w[kLanes] = {};
  const auto n = static_cast<int64_t>(at.x.size());
  const auto add = [&, x = at.x[i], y = at.y[i]](int64_t j, int l) {
    const float dx = x - at.x[j], dy = y - at.y[j];
    const float q = 1 / (1 + dx * dx + dy * dy);
    ax[l] += p[j] * q * dx;
    ay[l] += p[j] * q * dy;
    rx[l] += q * q * dx;
    ry[l] += q * q * dy;
    w[l] += q;
  };
  int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
    for (int l = 0; l < kLanes; ++l) add(j + l, l);
  }
  for (; j < n; ++j) add(j, 0);
  Forces f;
  for (int l = 0; l < kLanes; ++l) {
    f.attract_x += ax[l];
    f.attract_y += ay[l];
    f.repel_x += rx[l];
    f.repel_y += ry[l];
    f.weight += w[l];
  }
  f.weight -= 1;  // the point itself
  return f;
}

// One axis of the map: positions in double precision, so that points which early exaggeration
// drew together keep their differences, and the momentum step with the gains of Jacobs 1988.
class Axis {
 public:
  explicit Axis(const std::vector<float>& start)
      : at_(start.begin(), start.end()), velocity_(start.size()), gain_(start.size(), 1) {}

  void step(size_t i, double gradient, double momentum, double rate) {
    const bool same_way = (gradient > 0) == (velocity_[i] > 0);
    gain_[i] = std::max(same_way ? gain_[i] * .8 : gain_[i] + .2, .01);
    velocity_[i] = momentum * velocity_[i] - rate * gain_[i] * gradient;
    at_[i] += velocity_[i];
  }

  // Nothing holds the map in place. Away from zero, small differences would be rounded off.
  void centre() {
    const double mean = std::reduce(at_.begin(), at_.end()) / static_cast<double>(at_.size());
    for (double& value : at_) value -= mean;
  }

  void add(const std::vector<float>& offsets) {
    for (size_t i = 0; i < at_.size(); ++i) at_[i] += offsets[i];
  }

  std::vector<float> positions() const { return {at_.begin(), at_.end()}; }

 private:
  std::vector<double> at_, velocity_, gain_;
};

// `start` with mean 0 and standard deviation 1e-4 on each axis.
Plane small(Plane start) {
  for (std::vector<float>* axis : {&start.x, &start.y}) {
    const auto n = static_cast<double>(axis->size());
    const double mean = std::reduce(axis->begin(), axis->end(), 0.) / n;
    double squares = 0;
    for (const float value : *axis) squares += (value - mean) * (value - mean);
    const double scale = 1e-4 / std::sqrt(squares / n);
    for (float& value : *axis) value = static_cast<float>((value - mean) * scale);
  }
  return start;
}

}  // namespace

Plane tsne(const Matrix<float>& features, const Plane& start, int threads) {
  const int64_t n = features.rows;
  if (n < 8) return start;
  const Matrix<float> p = affinities(features, threads);
  const double rate = std::max(static_cast<double>(n) / kExaggeration, 50.) / 4;
  const Plane small_start = small(start);
  Axis x(small_start.x), y(small_start.y);
  std::vector<Forces> forces(n);
  for (int iteration = 0; iteration < kDescentSteps; ++iteration) {
    const bool early = iteration < kExaggerated;
    const double exaggeration = early ? kExaggeration : 1, momentum = early ? .5 : .8;
    if (iteration == kExaggerated) {
      // While the map is small, a step is linear in the positions. Exaggerated, it enlarges only
      // the directions in which the neighbor graph nearly falls apart and shrinks all others by a
      // factor per step: a map without groups ends as a point, one with two groups as a line, and
      // equal coordinates never separate again. The start, added once more, gives every direction
      // something to grow from; to a map that has grown it adds nothing that could be seen.
      x.add(small_start.x);
      y.add(small_start.y);
    }
    const Plane at{x.positions(), y.positions()};
    parallel_for(n, threads, 64, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) forces[i] = forces_on(i, p.row(i), at);
    });
    double weight = 0;
    for (const Forces& f : forces) weight += f.weight;
    for (int64_t i = 0; i < n; ++i) {
      const Forces& f = forces[i];
      x.step(i, 4 * (exaggeration * f.attract_x - f.repel_x / weight), momentum, rate);
      y.step(i, 4 * (exaggeration * f.attract_y - f.repel_y / weight), momentum, rate);
    }
    x.centre();
    y.centre();
  }
  return {x.positions(), y.positions()};
}

}  // namespace nolabel
