// Approximate mining through mine_neighbors: what it finds, what it promises, what it refuses.
#include "nolabel/neighbors/approximate.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/neighbors/faiss_plugin.h"
#include "nolabel/neighbors/mine.h"
#include "nolabel/neighbors/probe_choice.h"

namespace nolabel {
namespace {

// `rows` points around `centers` directions.
at::Tensor clustered(int64_t rows, int64_t width, int64_t centers) {
  Random random(7, Purpose::sample);
  std::vector<float> places(centers * width), values(rows * width);
  for (float& value : places) value = static_cast<float>(random.normal());
  for (int64_t i = 0; i < rows; ++i) {
    const auto center = static_cast<int64_t>(random.below(centers));
    for (int64_t d = 0; d < width; ++d) {
      values[i * width + d] =
          places[center * width + d] + 0.7f * static_cast<float>(random.normal());
    }
  }
  return at::tensor(values).view({rows, width});
}

at::Tensor unit(const at::Tensor& rows) {
  return rows / rows.norm(2, 1, /*keepdim=*/true);
}

bool has_faiss() {
  try {
    load_faiss();
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_TRUE(std::string(error.what()).starts_with("search must be exact in a build without"));
    return false;
  }
}

double agreement(const Matrix<int64_t>& a, const Matrix<int64_t>& b) {
  int64_t same = 0;
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t c = 0; c < a.columns; ++c) {
      same += std::find(b.row(i), b.row(i) + b.columns, a.at(i, c)) != b.row(i) + b.columns;
    }
  }
  return static_cast<double>(same) / static_cast<double>(a.values.size());
}

std::string problem(const at::Tensor& features, const MiningOptions& options) {
  try {
    mine_neighbors(features, options, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "";
}

class Approximate : public testing::TestWithParam<Search> {
 protected:
  void SetUp() override {
    if (!has_faiss()) GTEST_SKIP() << "a build without faiss";
  }
};

TEST_P(Approximate, FindsMostAndMeasuresHowMany) {
  const at::Tensor features = clustered(6000, 24, 60);
  MiningOptions options{.neighbors = 10, .threads = 2, .recall = 0.9};
  const Matrix<int64_t> exact = mine_neighbors(features, options, {}).table;
  options.search = GetParam();
  const MinedNeighbors mined = mine_neighbors(features, options, {});
  ASSERT_EQ(mined.table.rows, 6000);
  ASSERT_EQ(mined.table.columns, 11);
  for (int64_t i = 0; i < 6000; ++i) ASSERT_EQ(mined.table.at(i, 0), i);
  const double all = agreement(exact, mined.table);
  ASSERT_TRUE(mined.recall);
  EXPECT_GE(*mined.recall, 0.9);
  EXPECT_GE(*mined.effort, 1);
  EXPECT_NEAR(*mined.recall, (all * 11 - 1) / 10, 0.02);  // without the image itself; of a sample
  EXPECT_FALSE(mine_neighbors(features.narrow(0, 0, 100), {}, {}).recall);
}

TEST_P(Approximate, IsTheSameEachTime) {
  const at::Tensor features = clustered(3000, 16, 30);
  const MiningOptions options{.neighbors = 5, .threads = 2, .search = GetParam()};
  const MinedNeighbors first = mine_neighbors(features, options, {});
  const MinedNeighbors second = mine_neighbors(features, options, {});
  EXPECT_EQ(first.table.values, second.table.values);
  EXPECT_EQ(first.effort, second.effort);
}

TEST_P(Approximate, IsByCosineOrByInnerProductAsAsked) {
  const at::Tensor features = unit(clustered(2000, 16, 20));
  const at::Tensor longer = features * (at::arange(2000, at::kFloat) % 7 + 1).unsqueeze(1);
  MiningOptions options{.neighbors = 5, .normalise = true, .search = GetParam()};
  const Matrix<int64_t> cosine = mine_neighbors(features, options, {}).table;
  EXPECT_GE(agreement(cosine, mine_neighbors(longer, options, {}).table), 0.98);
  options.normalise = false;
  EXPECT_GE(agreement(cosine, mine_neighbors(features, options, {}).table), 0.98);
  const MinedNeighbors product = mine_neighbors(longer, options, {});
  EXPECT_LT(agreement(cosine, product.table), 0.7);  // another question: the long ones win
  EXPECT_GE(*product.recall, 0.8);
}

// The more recall is asked for, the more is looked at; and it is there, also in images that the
// search was not tuned on.
TEST_P(Approximate, ReachesTheRecallThatIsAskedFor) {
  const at::Tensor features = clustered(12000, 16, 300);
  MiningOptions options{.neighbors = 10, .threads = 2, .search = GetParam()};
  int before = 0;
  for (const double recall : {0.7, 0.9, 0.98}) {
    options.recall = recall;
    const MinedNeighbors mined = mine_neighbors(features, options, {});
    EXPECT_GE(*mined.recall, recall);
    EXPECT_GE(*mined.effort, before);
    before = *mined.effort;
  }
  // What is given is taken instead.
  (GetParam() == Search::ivf ? options.probes : options.breadth) = 11;
  EXPECT_EQ(mine_neighbors(features, options, {}).effort, 11);
}

// The memory bounds the search but does not change its result.
TEST_P(Approximate, IsTheSameWithLessMemory) {
  const at::Tensor features = clustered(4000, 16, 30);
  MiningOptions options{.neighbors = 5, .threads = 1, .search = GetParam()};
  const Matrix<int64_t> table = mine_neighbors(features, options, {}).table;
  options.memory_bytes = 5 << 20;
  EXPECT_EQ(mine_neighbors(features, options, {}).table.values, table.values);
}

TEST_P(Approximate, FillsTheRowsOfSmallListsExactly) {
  const at::Tensor features = clustered(60, 8, 5);
  MiningOptions options{.neighbors = 40, .search = GetParam(), .lists = 30, .probes = 1};
  options.links = 2;
  options.breadth = 1;
  const Matrix<int64_t> table = mine_neighbors(features, options, {}).table;
  for (int64_t i = 0; i < 60; ++i) {
    std::vector<int64_t> row(table.row(i), table.row(i) + 41);
    std::sort(row.begin(), row.end());
    EXPECT_EQ(std::adjacent_find(row.begin(), row.end()), row.end());
    EXPECT_GE(row.front(), 0);
    EXPECT_TRUE(std::binary_search(row.begin(), row.end(), i));
  }
}

TEST_P(Approximate, TakesImagesThatAreAllTheSame) {
  const MinedNeighbors mined =
      mine_neighbors(at::ones({2000, 4}), {.neighbors = 3, .search = GetParam()}, {});
  for (const int64_t index : mined.table.values) ASSERT_TRUE(index >= 0 && index < 2000);
}

TEST_P(Approximate, StopsOnRequest) {
  Observer observer;
  observer.progress = [&](const Progress&) { observer.cancel.request(); };
  try {
    mine_neighbors(clustered(3000, 8, 10), {.neighbors = 3, .search = GetParam()}, observer);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::stopped);
  }
}

TEST_P(Approximate, RefusesMemoryThatDoesNotSuffice) {
  const std::string text =
      problem(clustered(9000, 64, 10), {.memory_bytes = 1 << 20, .search = GetParam()});
  EXPECT_TRUE(
      text.ends_with(" MB beside the features, but mining_memory is 1. Raise mining_memory, or use "
                     "another search."))
      << text;
}

// Whether the memory suffices is known before anything is done, and not after the long part, when
// the probes are.
TEST_P(Approximate, RefusesBeforeTheWorkOrNotAtAll) {
  const at::Tensor features = clustered(4000, 16, 30);
  MiningOptions options{.neighbors = 5, .search = GetParam(), .recall = 0.99, .lists = 800};
  const Matrix<int64_t> table = mine_neighbors(features, options, {}).table;
  int refused = 0, searched = 0;
  for (const int64_t kilobytes : {400, 700, 1000, 2000, 4000, 8000, 16000}) {
    options.memory_bytes = kilobytes << 10;
    Observer observer;
    bool begun = false;
    observer.progress = [&](const Progress&) { begun = true; };
    try {
      EXPECT_EQ(mine_neighbors(features, options, observer).table.values, table.values);
      ++searched;
    } catch (const Error&) {
      EXPECT_FALSE(begun) << kilobytes;
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(searched, 0);
}

INSTANTIATE_TEST_SUITE_P(Ways, Approximate, testing::Values(Search::ivf, Search::hnsw),
                         [](const auto& way) {
                           return std::string(way.param == Search::ivf ? "ivf" : "hnsw");
                         });

TEST(SearchInvertedLists, GivesWayToExactSearchWhereThatIsLessWork) {
  if (!has_faiss()) GTEST_SKIP() << "a build without faiss";
  const at::Tensor noise = at::randn({3000, 64}, at::make_generator<at::CPUGeneratorImpl>(3));
  MiningOptions options{.neighbors = 10, .recall = 0.99};
  const Matrix<int64_t> exact = mine_neighbors(noise, options, {}).table;
  options.search = Search::ivf;
  Observer observer;
  std::string note;
  observer.log = [&](Severity, const std::string& text) { note = text; };
  const MinedNeighbors mined = mine_neighbors(noise, options, observer);
  EXPECT_EQ(mined.table.values, exact.values);
  EXPECT_EQ(mined.recall, 1.0);
  EXPECT_EQ(mined.effort, 0);
  EXPECT_TRUE(note.ends_with(" of 109 lists: exact search is less work")) << note;
  options.probes = 20;  // asked for by name
  EXPECT_EQ(mine_neighbors(noise, options, {}).effort, 20);
}

TEST(GivenProbes, ExpectsALikelyListAndMeanOnes) {
  const Probing probing = given_probes({8, 7, 1}, 2);
  EXPECT_EQ(probing.probes, 2);
  EXPECT_DOUBLE_EQ(probing.scanned, (64 + 49 + 1) / 16.0 + 16 / 3.0);
  EXPECT_DOUBLE_EQ(given_probes({5, 5, 5}, 3).scanned, 15);  // all
}

// One call for rows from anywhere, shared by threads: each finds what it finds alone.
TEST(SearchGraph, TakesQueriesInAnyOrder) {
  if (!has_faiss()) GTEST_SKIP() << "a build without faiss";
  const FaissFunctions& faiss = load_faiss();
  const at::Tensor features = clustered(500, 8, 5);
  std::vector<float> scales(500, 1);
  scales[300] = 2;  // a query's own factor does not change its order
  const ScaledRows rows{features.const_data_ptr<float>(), scales.data(), 500, 8};
  void* made = nullptr;
  check_faiss(faiss.make_graph(&rows, 8, 40, &made));
  const std::unique_ptr<void, void (*)(void*)> graph(made, faiss.free_graph);
  check_faiss(faiss.extend_graph(made, 500, 1));

  const std::vector<int64_t> queries{411, 7, 300, 7, 499, 0};
  std::vector<int64_t> together(6 * 4);
  std::vector<float> similarities(6 * 4);
  check_faiss(
      faiss.search_graph(made, queries.data(), 6, 4, 20, 2, together.data(), similarities.data()));
  for (size_t i = 0; i < queries.size(); ++i) {
    std::vector<int64_t> alone(4);
    std::vector<float> similarity(4);
    check_faiss(
        faiss.search_graph(made, &queries[i], 1, 4, 20, 1, alone.data(), similarity.data()));
    const auto from = together.begin() + static_cast<int64_t>(i) * 4;
    EXPECT_EQ(alone, std::vector<int64_t>(from, from + 4));
    const int64_t best = alone[0];
    const float product = at::dot(features[queries[i]], features[best]).item<float>();
    EXPECT_NEAR(similarity[0], product * scales[queries[i]] * scales[best], 1e-3);
  }
}

TEST(PlanMining, ChoosesByTheNumberOfImages) {
  EXPECT_EQ(plan_mining({.search = Search::ivf}, 1'000'000).lists, 2000);
  EXPECT_EQ(plan_mining({.neighbors = 1, .search = Search::ivf}, 2).lists, 1);
  const MiningOptions hnsw = plan_mining({.search = Search::hnsw, .breadth = 100}, 1000);
  EXPECT_EQ(hnsw.links, 16);
  EXPECT_EQ(hnsw.build_breadth, 64);
  EXPECT_EQ(hnsw.breadth, 100);
}

TEST(PlanMining, RefusesWhatIsOutOfRange) {
  const at::Tensor features = clustered(50, 4, 2);
  EXPECT_EQ(problem(features, {.neighbors = 2, .search = Search::ivf, .lists = 51}),
            "ivf_lists must be 1..50. Received 51.");
  EXPECT_EQ(problem(features, {.neighbors = 2, .search = Search::ivf, .lists = 5, .probes = 6}),
            "ivf_probes must be 0..5. Received 6.");
  EXPECT_EQ(problem(features, {.neighbors = 2, .search = Search::hnsw, .links = 1}),
            "hnsw_links must be 2..512. Received 1.");
}

// A matrix product, in floating-point operations per second: the best of some.
double product_rate() {
  const at::Tensor a = at::rand({1024, 1024});
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    at::mm(a, a);
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return 2.0 * 1024 * 1024 * 1024 / best;
}

TEST(LoadFaiss, LeavesLibTorchsMatrixProductAsFast) {
  if (!has_faiss()) GTEST_SKIP() << "a build without faiss";
  mine_neighbors(clustered(500, 8, 3), {.neighbors = 2, .search = Search::ivf}, {});
  EXPECT_GT(product_rate(), 12e9);  // the distribution's BLAS, taken for LibTorch's: 2.6e9
}

}  // namespace
}  // namespace nolabel
