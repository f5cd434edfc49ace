#include "nolabel/image/perceptual_hash.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace nolabel {
namespace {

constexpr int kCells = 32, kFrequencies = 8;
constexpr double kPlainWindow = 2;  // standard deviation, of 255 levels

using Cosines = std::array<std::array<float, kCells>, kFrequencies>;

const Cosines& cosines() {
  static const Cosines table = [] {
    Cosines values{};
    for (int f = 0; f < kFrequencies; ++f) {
      const double scale = std::sqrt((f == 0 ? 1.0 : 2.0) / kCells);
      for (int x = 0; x < kCells; ++x) {
        values[f][x] =
            static_cast<float>(scale * std::cos(std::numbers::pi * f * (x + 0.5) / kCells));
      }
    }
    return values;
  }();
  return table;
}

// The low frequencies of [kCells, kCells] cells, the mean (frequency 0, 0) first.
std::array<float, kFrequencies * kFrequencies> low_frequencies(const std::vector<float>& cells) {
  const Cosines& table = cosines();
  std::array<std::array<float, kCells>, kFrequencies> down{};
  for (int f = 0; f < kFrequencies; ++f) {
    for (int y = 0; y < kCells; ++y) {
      for (int x = 0; x < kCells; ++x) down[f][x] += table[f][y] * cells[y * kCells + x];
    }
  }
  std::array<float, kFrequencies * kFrequencies> both{};
  for (int v = 0; v < kFrequencies; ++v) {
    for (int u = 0; u < kFrequencies; ++u) {
      for (int x = 0; x < kCells; ++x) both[v * kFrequencies + u] += table[u][x] * down[v][x];
    }
  }
  return both;
}

}  // namespace

std::optional<uint64_t> perceptual_hash(const Luminance& image, const Window& window) {
  const std::vector<float> cells = image.cells(window, kCells);
  if (variance(cells) < kPlainWindow * kPlainWindow) return std::nullopt;
  const auto frequencies = low_frequencies(cells);
  auto sorted = frequencies;
  const auto first = sorted.begin() + 1;  // without the mean
  const auto median = first + (sorted.end() - first) / 2;
  std::nth_element(first, median, sorted.end());
  uint64_t bits = 0;
  for (size_t i = 1; i < frequencies.size(); ++i) {
    bits |= static_cast<uint64_t>(frequencies[i] > *median) << (i - 1);
  }
  return bits;
}

const std::array<Window, kCropWindows>& crop_windows() {
  static const std::array<Window, kCropWindows> windows = [] {
    std::array<Window, kCropWindows> all{};
    size_t count = 1;  // the first is the whole
    for (const double side : {0.95, 0.90}) {
      for (const double across : {0.0, 0.5, 1.0}) {
        for (const double down : {0.0, 0.5, 1.0}) {
          // At 95 % the windows in the middle of an edge differ little from their neighbors.
          if (side == 0.95 && (across == 0.5) != (down == 0.5)) continue;
          const double left = across * (1 - side), top = down * (1 - side);
          all[count++] = {left, top, std::min(1.0, left + side), std::min(1.0, top + side)};
        }
      }
    }
    return all;
  }();
  return windows;
}

}  // namespace nolabel
