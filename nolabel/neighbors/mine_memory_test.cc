// The extra memory of exact mining is what the setting allows, measured.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "nolabel/base/peak_memory_testing.h"
#include "nolabel/neighbors/mine.h"

namespace nolabel {
namespace {

TEST(MineNeighbors, TakesNoMoreMemoryThanItMay) {
  constexpr int64_t rows = 40'000;
  constexpr double table_mb = rows * 21 * 8 / 1048576.0;
  const at::Tensor features = at::rand({rows, 4});
  const auto extra = [&](int64_t megabytes) {
    malloc_trim(0);  // or what earlier work left would be used again, unseen
    const double before = peak_mb(true);
    mine_neighbors(features, {.memory_bytes = megabytes << 20}, {});
    return peak_mb(false) - before - table_mb;
  };
  extra(1);  // what stays: threads and their memory
  EXPECT_LT(extra(4), 4 + 3);
  const double enough = extra(64);  // the candidates of all rows: 18 MB
  EXPECT_GT(enough, 12) << "the measurement shows nothing";
  EXPECT_LT(enough, 18 + 4);
}

}  // namespace
}  // namespace nolabel
