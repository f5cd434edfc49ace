#include "nolabel/neighbors/product_kernel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace nolabel {
namespace {

TEST(ProductKernel, EqualsTheProductsOneByOne) {
  constexpr int64_t depth = 37, rows = 4, columns = 13;
  std::vector<float> left(rows * depth), right(columns * depth);
  for (size_t i = 0; i < left.size(); ++i) left[i] = std::sin(static_cast<float>(i));
  for (size_t i = 0; i < right.size(); ++i) right[i] = std::cos(static_cast<float>(3 * i));
  const std::vector<float> scales(columns, 0.5f);
  std::vector<float> group(depth * kGroupRows, 7), panel(depth * kPanelColumns, 7);
  pack_rows(left.data(), scales.data(), rows, depth, kGroupRows, group.data());
  pack_rows(right.data(), scales.data(), columns, depth, kPanelColumns, panel.data());

  for (const ProductKernel kernel : {portable_products, product_kernel()}) {
    std::vector<float> sums(kGroupRows * kPanelColumns, 1.0f);
    kernel(group.data(), panel.data(), depth, sums.data());
    for (int r = 0; r < kGroupRows; ++r) {
      for (int c = 0; c < kPanelColumns; ++c) {
        double expected = 1;
        for (int64_t d = 0; r < rows && c < columns && d < depth; ++d) {
          expected += 0.25 * left[r * depth + d] * right[c * depth + d];
        }
        EXPECT_NEAR(sums[r * kPanelColumns + c], expected, 1e-5);
      }
    }
  }
}

}  // namespace
}  // namespace nolabel
