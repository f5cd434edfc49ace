#include "nolabel/neighbors/group_search.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cmath>
#include <stdexcept>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/group_search_testing.h"
#include "nolabel/neighbors/mine.h"
#include "nolabel/neighbors/nearest.h"
#include "nolabel/neighbors/search_share.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {
namespace {

using namespace testing_search;
using testing_group::run_as_group;

// Few values: many rows are alike, and many similarities equal.
at::Tensor rows_with_ties(int64_t rows, int64_t depth) {
  return at::randint(-2, 3, {rows, depth}, at::kFloat);
}

Nearest search_as_group(int size, const at::Tensor& features, SearchOptions options,
                        const Observer& observer = {}) {
  return lead_group(size, [&](const std::shared_ptr<Group>& group) {
    options.group = group;
    return find_nearest_to_each_other(features, options, observer);
  });
}

TEST(FindNearestInGroup, IsWhatOneProcessFinds) {
  at::manual_seed(1);
  for (const int64_t rows : {7, 480, 481, 961, 5003}) {
    for (const bool normalise : {true, false}) {
      const at::Tensor features = normalise ? at::randn({rows, 20}) : rows_with_ties(rows, 4);
      const SearchOptions options{.count = 7, .normalise = normalise};
      const Nearest expected = find_nearest_to_each_other(features, options, {});
      for (const int size : {2, 3, 5}) {
        SCOPED_TRACE(format("{} rows, {} processes", rows, size));
        expect_same(search_as_group(size, features, options), expected);
      }
    }
  }
}

TEST(FindNearestInGroup, DoesNotDependOnMemoryOrThreads) {
  at::manual_seed(2);
  const at::Tensor features = rows_with_ties(5003, 5);  // 11 blocks, the last one short
  SearchOptions options{.count = 21};
  const Nearest expected = find_nearest_to_each_other(features, options, {});
  for (const int64_t memory : {0, 4'000'000, 6'000'000}) {
    for (const int threads : {1, 2}) {
      options.memory_bytes = memory;
      options.threads = threads;
      for (const int size : {2, 3}) {
        SCOPED_TRACE(format("{} bytes, {} threads, {} processes", memory, threads, size));
        expect_same(search_as_group(size, features, options), expected);
      }
    }
  }
}

TEST(FindNearestInGroup, LeavesOutSimilaritiesThatAreNotWanted) {
  const at::Tensor features = at::randn({700, 8});
  SearchOptions options{.count = 3, .similarities = false};
  expect_same(search_as_group(2, features, options),
              find_nearest_to_each_other(features, options, {}));
}

// Mapped files of features are read only.
TEST(FindNearestInGroup, DoesNotWriteToTheFeatures) {
  const int64_t bytes = 1000 * 16 * sizeof(float);
  void* memory = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  const at::Tensor features = at::from_blob(memory, {1000, 16}, at::kFloat);
  const Nearest nearest = search_as_group(2, features, {.count = 2});
  EXPECT_EQ(nearest.indices.at(999, 1), 1);
  munmap(memory, bytes);
}

TEST(MineNeighbors, IsTheSameInAGroup) {
  at::manual_seed(3);
  const at::Tensor features = at::randn({1500, 12});
  MiningOptions options{.neighbors = 10};
  const MinedNeighbors expected = mine_neighbors(features, options, {});
  const MinedNeighbors mined = lead_group(3, [&](const std::shared_ptr<Group>& group) {
    options.group = group;
    return mine_neighbors(features, options, {});
  });
  EXPECT_EQ(mined.table.values, expected.table.values);
}

// Refused before the workers hear of it.
TEST(FindNearestInGroup, RefusesWhatOneProcessRefuses) {
  run_as_group(2, [&](const std::shared_ptr<Group>& group) {
    if (group->leads()) {
      at::Tensor features = at::ones({2000, 3});
      const auto refused = [&](int count) {
        const SearchOptions options{.count = count, .group = group};
        try {
          find_nearest_to_each_other(features, options, {});
        } catch (const Error& error) {
          return std::string(error.what());
        }
        return std::string();
      };
      EXPECT_EQ(refused(2001), "the number of matches must be 1..2000. Received 2001.");
      features[1300][1] = std::nanf("");
      EXPECT_EQ(refused(2), "features must be finite and below 1e18. Row 1300 is not.");
    }
    group->barrier();
  });
}

// Which pairs are multiplied is what the waves and the owners say: each pair once.
TEST(SearchShare, MeetsEachPairOnce) {
  // All similarities are equal, and there is room for all: a pair that met twice would be a match
  // that occurs twice, and one that did not meet would be missing.
  constexpr int64_t rows = 4 * kBlock + 7;
  const SearchOptions options{.count = rows};
  const Nearest nearest = search_as_group(3, at::ones({rows, 1}), options);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < rows; ++j) ASSERT_EQ(nearest.indices.at(i, j), j) << "row " << i;
  }
}

TEST(PlanDividedSearch, StaysWithinItsMemory) {
  DividedSearch search{
      .rows = 1'281'167, .depth = 2048, .count = 51, .threads = 16, .processes = 8};
  for (const int64_t megabytes : {256, 512, 2048}) {
    const int64_t memory = megabytes << 20;
    const DividedPlan plan = plan_divided_search(search, memory);
    EXPECT_LE(plan.memory_bytes, memory);
    EXPECT_GT(plan.memory_bytes, memory - (40 << 20));
    EXPECT_EQ(plan.band_blocks % 8, 0);
  }
  EXPECT_GE(plan_divided_search(search, 512 << 20).band_blocks, search.blocks());  // one band
  const DividedPlan least = plan_divided_search(search, 0);  // a block for each, whatever it takes
  EXPECT_EQ(least.band_blocks, 8);
  EXPECT_EQ(least.wave_blocks, 1);
}

}  // namespace
}  // namespace nolabel
