#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "nolabel/cluster/scan_task.h"
#include "nolabel/train/task_testing.h"

namespace nolabel {
namespace {

using namespace testing_tasks;

// Image i has i + 1 neighbors, wherever the padding stands; the first 3 of them are drawn.
TEST(ScanTask, DrawsAmongTheNeighborsThatARowNames) {
  constexpr int64_t images = 5, epochs = 300;
  Matrix<int64_t> table(images, 6);
  for (int64_t i = 0; i < images; ++i) {
    for (int64_t column = 0; column < 6; ++column) {
      table.at(i, (column + 2) % 6) = column <= i ? (i + column) % images : -1;
    }
  }
  // The order in which a row names them: what stands in columns 0, 1 … without the padding.
  const Matrix<int64_t> given = table;
  const at::Tensor number = at::arange(images, at::kDouble).view({1, images, 1}).expand({2, -1, 1});
  const ScanTask task({.neighbors = 2}, std::make_unique<FixedFeatures>(number), table, {}, {}, 3);
  std::vector<std::vector<int>> drawn(images, std::vector<int>(images));
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const at::Tensor neighbors = task.inputs({epoch, 0, in_order(images)})[1];
    for (int64_t i = 0; i < images; ++i) ++drawn[i][neighbors[i].item<int64_t>()];
  }
  for (int64_t i = 0; i < images; ++i) {
    std::vector<int64_t> possible;
    for (int64_t column = 0; column < 6; ++column) {
      if (given.at(i, column) >= 0 && possible.size() < 3) possible.push_back(given.at(i, column));
    }
    ASSERT_EQ(possible.size(), std::min<size_t>(3, i + 1));
    int all = 0;
    for (const int64_t image : possible) {
      EXPECT_GT(drawn[i][image], epochs / 5);
      all += drawn[i][image];
    }
    EXPECT_EQ(all, epochs) << i;
  }
}

}  // namespace
}  // namespace nolabel
