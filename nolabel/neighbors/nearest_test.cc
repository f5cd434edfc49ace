#include "nolabel/neighbors/nearest.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// Small integers: every product is exact, so ties are real and all kernels agree.
at::Tensor integers(int64_t rows, int64_t depth, int64_t phase = 0) {
  const at::Tensor counted = at::arange(rows * depth, at::kLong) + phase;
  return ((counted * counted * 31 + counted * 7) % 11 - 5).to(at::kFloat).view({rows, depth});
}

void expect_sorted_products(const Nearest& nearest, const at::Tensor& queries,
                            const at::Tensor& database, int count) {
  const at::Tensor products = queries.to(at::kDouble).matmul(database.t().to(at::kDouble));
  const auto [values, order] = products.sort(/*stable=*/true, /*dim=*/1, /*descending=*/true);
  const auto value = values.accessor<double, 2>();
  const auto index = order.accessor<int64_t, 2>();
  ASSERT_EQ(nearest.indices.rows, queries.size(0));
  ASSERT_EQ(nearest.indices.columns, count);
  for (int64_t i = 0; i < queries.size(0); ++i) {
    for (int64_t j = 0; j < count; ++j) {
      ASSERT_EQ(nearest.indices.at(i, j), index[i][j]) << i << ", " << j;
      ASSERT_EQ(nearest.similarities.at(i, j), value[i][j]);
    }
  }
}

TEST(FindNearest, IsTheSortedProductsWithTiesToTheLowerIndex) {
  for (const int64_t depth : {1, 5, 300}) {
    const at::Tensor queries = integers(35, depth), database = integers(1001, depth, 99);
    const SearchOptions options{.count = 7, .normalise = false};
    expect_sorted_products(find_nearest(queries, database, options, {}), queries, database, 7);
  }
}

TEST(FindNearestToEachOther, DoesNotDependOnThreadsOrMemory) {
  const at::Tensor features = integers(1503, 6);  // four blocks, the last one short
  SearchOptions options{.count = 21, .normalise = false};
  const Nearest expected = find_nearest_to_each_other(features, options, {});
  expect_sorted_products(expected, features, features, 21);
  for (const int threads : {1, 3}) {
    for (const int64_t memory : {0, 700'000}) {  // one block, two blocks of candidates
      options.memory_bytes = memory;
      options.threads = threads;
      const Nearest nearest = find_nearest_to_each_other(features, options, {});
      EXPECT_EQ(nearest.indices.values, expected.indices.values);
      EXPECT_EQ(nearest.similarities.values, expected.similarities.values);
    }
  }
}

// 1.28 million images, their 2048 features, 50 neighbors: docs/performance.md.
TEST(PlanSearch, OfImageNetStaysWithinItsMemory) {
  SearchOptions options{.count = 51, .threads = 16};
  for (const int64_t megabytes : {256, 512, 1024, 2048}) {
    options.memory_bytes = megabytes << 20;
    const SearchPlan plan = plan_search(1'281'167, 2048, options);
    EXPECT_LE(plan.memory_bytes, options.memory_bytes);
    EXPECT_GE(plan.rows_per_band * plan.bands, 1'281'167);
    EXPECT_LT((plan.bands - 1) * plan.rows_per_band, 1'281'167);
  }
  const SearchPlan plan = plan_search(1'281'167, 2048, options);
  EXPECT_EQ(plan.bands, 1);
  EXPECT_EQ(plan.memory_bytes >> 20, 1298);
  options.memory_bytes = 1024 << 20;
  EXPECT_EQ(plan_search(1'281'167, 2048, options).bands, 2);
  options.memory_bytes = 1;  // one block, whatever it takes
  EXPECT_EQ(plan_search(1'281'167, 2048, options).rows_per_band,
            plan_search(9, 8, options).rows_per_band);
}

TEST(FindNearest, NormalisesWhenAsked) {
  const at::Tensor features = at::arange(24, at::kFloat).sin().view({8, 3});
  const at::Tensor longer = features * at::arange(1, 9, at::kFloat).unsqueeze(1);
  const SearchOptions cosine{.count = 8, .normalise = true};
  const Nearest a = find_nearest_to_each_other(features, cosine, {});
  const Nearest b = find_nearest_to_each_other(longer, cosine, {});
  EXPECT_EQ(a.indices.values, b.indices.values);
  for (int64_t i = 0; i < 8; ++i) {
    EXPECT_EQ(a.indices.at(i, 0), i);
    EXPECT_NEAR(b.similarities.at(i, 0), 1, 1e-6);
  }
}

TEST(FindNearest, TakesRowsOfZeros) {
  const Nearest nearest =
      find_nearest_to_each_other(at::zeros({5, 3}), {.count = 5, .normalise = true}, {});
  for (int64_t i = 0; i < 5; ++i) {
    for (int64_t j = 0; j < 5; ++j) EXPECT_EQ(nearest.indices.at(i, j), j);
  }
}

TEST(FindNearest, RefusesWhatIsNotFinite) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(), 1e30f}) {
    at::Tensor features = integers(20, 3);
    features[13][1] = bad;
    try {
      find_nearest_to_each_other(features, {.count = 2}, {});
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      EXPECT_STREQ(error.what(), "features must be finite and below 1e18. Row 13 is not.");
    }
  }
}

TEST(FindNearest, ReportsProgressAndStopsOnRequest) {
  Observer observer;
  std::vector<int64_t> done;
  observer.progress = [&](const Progress& progress) {
    done.push_back(progress.done);
    EXPECT_EQ(progress.total, 1503);
  };
  find_nearest_to_each_other(integers(1503, 6), {.count = 3}, observer);
  ASSERT_FALSE(done.empty());
  EXPECT_EQ(done.back(), 1503);

  observer.cancel.request();
  try {
    find_nearest_to_each_other(integers(1503, 6), {.count = 3}, observer);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::stopped);
  }
}

// The note of a search that is stopped when it says how long it would take.
std::string estimate_of(const std::string& advice) {
  Observer observer;
  std::string said;
  // Waits for the seconds after which the rate counts.
  observer.progress = [waited = false](const Progress&) mutable {
    if (!waited) std::this_thread::sleep_for(std::chrono::milliseconds(3050));
    waited = true;
  };
  observer.log = [&](Severity, const std::string& text) {
    said = text;
    observer.cancel.request();
  };
  try {
    find_nearest_to_each_other(at::ones({150'000, 1}), {.count = 2, .advice = advice}, observer);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::stopped);
  }
  return said;
}

// It does not know the flags of the program that asks.
TEST(FindNearestToEachOther, AdvisesWhatItsCallerKnows) {
  const std::string alone = estimate_of("");
  EXPECT_THAT(alone, testing::StartsWith("mine: exact search of 150000 images"));
  EXPECT_THAT(alone, testing::EndsWith(" images a second)"));
  EXPECT_THAT(estimate_of("look away"), testing::EndsWith(" images a second); look away"));
}

}  // namespace
}  // namespace nolabel
