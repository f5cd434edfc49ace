#include "nolabel/neighbors/group_queries.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/group_search_testing.h"
#include "nolabel/neighbors/knn_monitor.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {
namespace {

using namespace testing_search;
using testing_group::run_as_group;

Nearest query_as_group(int size, const at::Tensor& queries, const at::Tensor& database,
                       SearchOptions options) {
  return lead_group(size, [&](const std::shared_ptr<Group>& group) {
    options.group = group;
    return find_nearest(queries, database, options, {});
  });
}

// Queries in one block and in many, and fewer than there are processes.
TEST(FindNearestToQueries, IsWhatOneProcessFinds) {
  at::manual_seed(1);
  const at::Tensor database = at::randn({3001, 20});
  for (const int64_t rows : {1, 2, 479, 1500, 2500}) {
    for (const bool normalise : {true, false}) {
      const at::Tensor queries = at::randn({rows, 20});
      const SearchOptions options{.count = 7, .normalise = normalise};
      const Nearest expected = find_nearest(queries, database, options, {});
      for (const int size : {2, 3}) {
        SCOPED_TRACE(format("{} queries, {} processes", rows, size));
        expect_same(query_as_group(size, queries, database, options), expected);
      }
    }
  }
}

// Few values: many rows are alike, and many similarities equal.
TEST(FindNearestToQueries, DoesNotDependOnMemoryOrThreads) {
  at::manual_seed(2);
  const at::Tensor queries = at::randint(-2, 3, {3000, 5}, at::kFloat);
  const at::Tensor database = at::randint(-2, 3, {2000, 5}, at::kFloat);
  SearchOptions options{.count = 21};
  const Nearest expected = find_nearest(queries, database, options, {});
  // Bands of one and of two blocks for each process, and one for all.
  for (const int64_t memory : {0, 4'000'000, 100'000'000}) {
    for (const int threads : {1, 2}) {
      options.memory_bytes = memory;
      options.threads = threads;
      SCOPED_TRACE(format("{} bytes, {} threads", memory, threads));
      expect_same(query_as_group(2, queries, database, options), expected);
    }
  }
}

TEST(FindNearestToQueries, LeavesOutSimilaritiesThatAreNotWanted) {
  const at::Tensor queries = at::randn({30, 8}), database = at::randn({700, 8});
  const SearchOptions options{.count = 3, .similarities = false};
  expect_same(query_as_group(2, queries, database, options),
              find_nearest(queries, database, options, {}));
}

TEST(KnnAccuracy, IsTheSameInAGroup) {
  at::manual_seed(3);
  LabelledEmbeddings train{at::randn({1100, 6}), {}}, validation{at::randn({700, 6}), {}};
  for (LabelledEmbeddings* set : {&train, &validation}) {
    set->embeddings = set->embeddings / set->embeddings.norm(2, 1, true);
    for (int64_t i = 0; i < set->embeddings.size(0); ++i) {
      set->labels.push_back(set->embeddings[i][0].item<float>() > 0 ? 1 : 0);
    }
  }
  KnnOptions options{.neighbors = 20};
  const double expected = knn_accuracy(train, validation, options, {});
  EXPECT_GT(expected, 0.8);
  EXPECT_LT(expected, 1);
  const double found = lead_group(3, [&](const std::shared_ptr<Group>& group) {
    options.group = group;
    return knn_accuracy(train, validation, options, {});
  });
  EXPECT_EQ(found, expected);
}

// Refused before the workers hear of it.
TEST(FindNearestToQueries, RefusesWhatOneProcessRefuses) {
  run_as_group(2, [&](const std::shared_ptr<Group>& group) {
    if (group->leads()) {
      at::Tensor queries = at::ones({20, 3});
      const auto refused = [&](int count, int64_t width) {
        const SearchOptions options{.count = count, .group = group};
        try {
          find_nearest(queries, at::ones({500, width}), options, {});
        } catch (const Error& error) {
          return std::string(error.what());
        }
        return std::string();
      };
      EXPECT_EQ(refused(501, 3), "the number of matches must be 1..500. Received 501.");
      EXPECT_NE(refused(5, 4), "");
      queries[13][1] = std::nanf("");
      EXPECT_EQ(refused(5, 3), "features must be finite and below 1e18. Row 13 is not.");
    }
    group->barrier();
  });
}

TEST(PlanQueries, StaysWithinItsMemory) {
  const Vectors queries{nullptr, 50'000, 2048, {}}, database{nullptr, 1'281'167, 2048, {}};
  constexpr int count = 100, threads = 16, processes = 8;
  for (const int64_t megabytes : {256, 512, 1024}) {
    const int64_t memory = megabytes << 20;
    const QueryPlan plan = plan_queries(queries, database, count, threads, processes, memory);
    EXPECT_LE(plan.memory_bytes, memory);
    EXPECT_GT(plan.memory_bytes, memory - (8 << 20));
    EXPECT_EQ(plan.band_rows % (processes * kBlock), 0);
  }
  const QueryPlan least = plan_queries(queries, database, count, threads, processes, 0);
  EXPECT_EQ(least.band_rows, processes * kBlock);
  EXPECT_EQ(least.wave_rows, kBlock);
}

}  // namespace
}  // namespace nolabel
