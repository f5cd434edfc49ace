#include "nolabel/image/content.h"

namespace nolabel {
namespace {

constexpr double kPlain = 1.5;             // standard deviation, of 255 levels
constexpr double kLeastResemblance = 0.3;  // correlation

// As many cells as have at least two pixels on a side: enlarged pixels always resemble each other.
int cells_for(int shorter_side) {
  for (const int cells : {48, 32}) {
    if (2 * cells <= shorter_side) return cells;
  }
  return 16;
}

// Correlation of each cell with the one `by` places on.
double resemblance(const std::vector<float>& cells, int size, int right, int down) {
  std::vector<float> one, other;
  for (int y = 0; y + down < size; ++y) {
    for (int x = 0; x + right < size; ++x) {
      one.push_back(cells[y * size + x]);
      other.push_back(cells[(y + down) * size + x + right]);
    }
  }
  return correlation(one, other);
}

}  // namespace

bool has_content(const Luminance& image) {
  const int size = cells_for(image.shorter_side());
  const std::vector<float> cells = image.cells({}, size);
  if (variance(cells) < kPlain * kPlain) return false;
  return (resemblance(cells, size, 1, 0) + resemblance(cells, size, 0, 1)) / 2 >= kLeastResemblance;
}

}  // namespace nolabel
