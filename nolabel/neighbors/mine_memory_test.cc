// The extra memory of mining is what the setting allows, measured.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/base/peak_memory_testing.h"
#include "nolabel/neighbors/mine.h"

namespace nolabel {
namespace {

// In MB, beside features and table.
double extra_memory(const at::Tensor& features, const MiningOptions& options) {
  const double before = peak_mb(true);
  const Matrix<int64_t> table = mine_neighbors(features, options, {}).table;
  return peak_mb(false) - before - static_cast<double>(table.values.size()) * 8 / 1048576;
}

TEST(MineNeighbors, TakesNoMoreMemoryThanItMay) {
  const at::Tensor features = at::rand({40'000, 4});
  const auto extra = [&](int64_t megabytes) {
    return extra_memory(features, {.memory_bytes = megabytes << 20});
  };
  extra(1);  // what stays: threads and their memory
  EXPECT_LT(extra(4), 4 + 3);
  const double enough = extra(64);  // the candidates of all rows: 18 MB
  EXPECT_GT(enough, 12) << "the measurement shows nothing";
  EXPECT_LT(enough, 18 + 4);
}

// The fewest megabytes with which the search begins.
int64_t least_memory(const at::Tensor& features, MiningOptions options) {
  Observer observer;
  observer.progress = [&](const Progress&) { observer.cancel.request(); };
  for (int64_t megabytes = 1;; ++megabytes) {
    options.memory_bytes = megabytes << 20;
    try {
      mine_neighbors(features, options, observer);
    } catch (const Error& error) {
      if (error.fault() == Fault::stopped) return megabytes;
    }
  }
}

void expect_bounded(const at::Tensor& features, MiningOptions options) {
  if (!has_approximate_search()) GTEST_SKIP() << "a build without faiss";
  if (!freed_memory_is_used_again) GTEST_SKIP() << "a build with AddressSanitizer";
  extra_memory(features.narrow(0, 0, 2500), options);  // what stays: threads, faiss itself
  const auto least = static_cast<double>(least_memory(features, options));
  options.memory_bytes = static_cast<int64_t>(least) << 20;
  const double extra = extra_memory(features, options);
  EXPECT_GT(extra, least / 2) << "the measurement shows nothing";
  EXPECT_LT(extra, 1.5 * least);
}

TEST(SearchInvertedLists, TakesNoMoreMemoryThanItMay) {
  expect_bounded(at::rand({20'000, 128}),
                 {.threads = 2, .search = Search::ivf, .lists = 320, .probes = 4});
}

TEST(SearchNeighborGraph, TakesNoMoreMemoryThanItMay) {
  MiningOptions options{.threads = 2, .search = Search::hnsw};
  options.links = 64;
  options.build_breadth = options.breadth = 20;
  expect_bounded(at::rand({30'000, 4}), options);
}

}  // namespace
}  // namespace nolabel
