#include "nolabel/image/alike.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace nolabel {
namespace {

constexpr int kCoarse = 32, kFine = 48;  // cells on a side
constexpr double kLeastSide = 0.8;       // of a window
constexpr double kLeastCoarse = 0.7;     // correlation; below it, details are not looked at
constexpr int kBlurReach = 6;            // cells, for a deviation of 2

struct Alignment {
  Window window;
  double agreement;  // of the cells
};

// A better window, by moving one edge after another by `step`, as long as that helps.
Alignment improved(const Luminance& image, const std::vector<float>& target, int cells,
                   Alignment best, double step) {
  constexpr double Window::*edges[] = {&Window::left, &Window::top, &Window::right,
                                       &Window::bottom};
  for (bool moved = true; moved;) {
    moved = false;
    for (double Window::*const edge : edges) {
      for (const double by : {step, -step}) {
        Window window = best.window;
        window.*edge += by;
        const bool inside = window.left >= 0 && window.top >= 0 && window.right <= 1 &&
                            window.bottom <= 1 && window.right - window.left >= kLeastSide &&
                            window.bottom - window.top >= kLeastSide;
        if (!inside) continue;
        const double agreement = correlation(image.cells(window, cells), target);
        if (agreement > best.agreement) {
          best = {window, agreement};
          moved = true;
        }
      }
    }
  }
  return best;
}

Alignment aligned(const Luminance& image, const Luminance& part, int cells, const Window& start,
                  std::initializer_list<double> steps) {
  const std::vector<float> target = part.cells({}, cells);
  Alignment best{start, correlation(image.cells(start, cells), target)};
  for (const double step : steps) best = improved(image, target, cells, best, step);
  return best;
}

const std::array<float, 2 * kBlurReach + 1>& blur_weights() {
  static const std::array<float, 2 * kBlurReach + 1> weights = [] {
    std::array<float, 2 * kBlurReach + 1> values{};
    float sum = 0;
    for (int i = -kBlurReach; i <= kBlurReach; ++i) {
      sum += values[i + kBlurReach] = std::exp(static_cast<float>(-i * i) / 8.f);
    }
    for (float& value : values) value /= sum;
    return values;
  }();
  return weights;
}

// Each row [kFine] blurred; the result is transposed, so that a second call blurs the columns.
std::vector<float> blurred_and_turned(const std::vector<float>& cells) {
  const auto& weights = blur_weights();
  std::vector<float> result(cells.size());
  for (int y = 0; y < kFine; ++y) {
    for (int x = 0; x < kFine; ++x) {
      float sum = 0;
      for (int i = -kBlurReach; i <= kBlurReach; ++i) {
        sum += weights[i + kBlurReach] * cells[y * kFine + std::clamp(x + i, 0, kFine - 1)];
      }
      result[x * kFine + y] = sum;
    }
  }
  return result;
}

std::vector<float> details(const Luminance& image, const Window& window) {
  std::vector<float> cells = image.cells(window, kFine);
  const std::vector<float> blurred = blurred_and_turned(blurred_and_turned(cells));
  for (size_t i = 0; i < cells.size(); ++i) cells[i] -= blurred[i];
  return cells;
}

// detail_agreement() where `part` is the one of the two that may have been cropped.
double agreement_with_part(const Luminance& image, const Luminance& part) {
  const Alignment coarse = aligned(image, part, kCoarse, {}, {0.06, 0.03, 0.015, 0.0075});
  if (coarse.agreement < kLeastCoarse) return 0;
  const Alignment fine = aligned(image, part, kFine, coarse.window, {0.008, 0.004});
  return correlation(details(image, fine.window), details(part, {}));
}

}  // namespace

double detail_agreement(const Luminance& one, const Luminance& other) {
  const double agreement = agreement_with_part(one, other);
  if (agreement >= kCopyAgreement) return agreement;
  return std::max(agreement, agreement_with_part(other, one));
}

}  // namespace nolabel
