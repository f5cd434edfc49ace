#include "nolabel/image/luminance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/image/resize.h"

namespace nolabel {
namespace {

constexpr int kSumSide = Luminance::kSide + 1;

// Edges of `size` equal cells between two shares of the side, in pixels: whole part and fraction.
struct Edge {
  int whole;
  double part;
};

std::vector<Edge> edges(double first, double last, int size) {
  std::vector<Edge> all;
  for (int i = 0; i <= size; ++i) {
    const double place = Luminance::kSide * (first + (last - first) * i / size);
    const int whole = std::clamp(static_cast<int>(place), 0, Luminance::kSide - 1);
    all.push_back({whole, place - whole});
  }
  return all;
}

double mean(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

Luminance::Luminance(ImageView image)
    : shorter_side_(std::min(image.height, image.width)),
      sums_(static_cast<size_t>(kSumSide) * kSumSide, 0) {
  const Image small = resize(image, kSide, kSide);
  for (int y = 0; y < kSide; ++y) {
    double row = 0;
    for (int x = 0; x < kSide; ++x) {
      const uint8_t* rgb = small.view().pixel(y, x);
      row += 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];  // ITU-R BT.601
      sums_[(y + 1) * kSumSide + x + 1] = sums_[y * kSumSide + x + 1] + row;
    }
  }
}

std::vector<float> Luminance::cells(const Window& window, int size) const {
  NOLABEL_ASSERT(window.left >= 0 && window.top >= 0 && window.right <= 1 && window.bottom <= 1);
  NOLABEL_ASSERT(window.left < window.right && window.top < window.bottom && size > 0);
  const std::vector<Edge> across = edges(window.left, window.right, size);
  const std::vector<Edge> down = edges(window.top, window.bottom, size);
  const double pixels = (window.right - window.left) * (window.bottom - window.top) * kSide *
                        kSide / (size * static_cast<double>(size));
  // Sums up to each edge, of the row of edges before and of this one.
  std::vector<double> above(across.size()), here(across.size());
  std::vector<float> means;
  means.reserve(static_cast<size_t>(size) * size);
  for (size_t y = 0; y < down.size(); ++y) {
    const double* upper = sums_.data() + down[y].whole * kSumSide;
    const double* lower = upper + kSumSide;
    for (size_t x = 0; x < across.size(); ++x) {
      const int i = across[x].whole;
      const double top = upper[i] + (upper[i + 1] - upper[i]) * across[x].part;
      const double bottom = lower[i] + (lower[i + 1] - lower[i]) * across[x].part;
      here[x] = top + (bottom - top) * down[y].part;
    }
    for (size_t x = 1; y > 0 && x < across.size(); ++x) {
      means.push_back(
          static_cast<float>((here[x] - here[x - 1] - above[x] + above[x - 1]) / pixels));
    }
    above.swap(here);
  }
  return means;
}

double correlation(const std::vector<float>& one, const std::vector<float>& other) {
  NOLABEL_ASSERT(one.size() == other.size() && !one.empty());
  const double mean_one = mean(one), mean_other = mean(other);
  double product = 0, square_one = 0, square_other = 0;
  for (size_t i = 0; i < one.size(); ++i) {
    const double a = one[i] - mean_one, b = other[i] - mean_other;
    product += a * b;
    square_one += a * a;
    square_other += b * b;
  }
  const double length = std::sqrt(square_one * square_other);
  return length > 0 ? product / length : 0;
}

double variance(const std::vector<float>& values) {
  const double middle = mean(values);
  double sum = 0;
  for (const float value : values) sum += (value - middle) * (value - middle);
  return sum / static_cast<double>(values.size());
}

}  // namespace nolabel
