// Embeddings, labels and weights in memory.
#include "nolabel/arrays.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "nolabel/base/npy.h"
#include "nolabel/base/random.h"
#include "nolabel/facade/test_run.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

using testing::Each;
using testing::ElementsAre;

RowsView view_of(const Matrix<float>& matrix) {
  return {matrix.values.data(), matrix.rows, matrix.columns};
}

// Rows around as many directions as there are classes.
Matrix<float> grouped_rows(int64_t rows, int64_t columns, int classes) {
  Matrix<float> matrix(rows, columns);
  Random random(5, Purpose::sample, 0, 0);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      matrix.at(i, j) = static_cast<float>(random.uniform(-1, 1)) + (j == i % classes ? 4 : 0);
    }
  }
  return matrix;
}

float cosine(const Matrix<float>& a, int64_t i, const Matrix<float>& b, int64_t j) {
  double product = 0, of_a = 0, of_b = 0;
  for (int64_t k = 0; k < a.columns; ++k) {
    product += double{a.at(i, k)} * b.at(j, k);
    of_a += double{a.at(i, k)} * a.at(i, k);
    of_b += double{b.at(j, k)} * b.at(j, k);
  }
  return static_cast<float>(product / std::sqrt(of_a * of_b));
}

// The obvious way: all others, sorted.
std::vector<int64_t> nearest_of(const Matrix<float>& rows, int64_t i, int count) {
  std::vector<int64_t> others(rows.rows);
  std::iota(others.begin(), others.end(), 0);
  std::erase(others, i);
  std::ranges::stable_sort(others, std::greater(),
                           [&](int64_t j) { return cosine(rows, i, rows, j); });
  others.resize(count);
  return others;
}

TEST(NearestNeighbors, AreTheMostSimilarOtherRows) {
  const Matrix<float> rows = grouped_rows(60, 6, 3);
  const Neighbors found = nearest_neighbors(view_of(rows), {.neighbors = 4, .threads = 2});
  for (int64_t i = 0; i < rows.rows; ++i) {
    const std::vector<int64_t> row(found.indices.row(i), found.indices.row(i) + 4);
    EXPECT_EQ(row, nearest_of(rows, i, 4)) << i;
    EXPECT_NEAR(found.similarities.at(i, 0), cosine(rows, i, rows, row[0]), 1e-6);
  }
}

TEST(NearestNeighbors, LeaveOutTheRowItselfAmongEqualOnes) {
  Matrix<float> rows(5, 2);
  std::ranges::fill(rows.values, 1.f);
  const Neighbors found = nearest_neighbors(view_of(rows), {.neighbors = 2});
  for (int64_t i = 0; i < rows.rows; ++i) {
    EXPECT_NE(found.indices.at(i, 0), i);
    EXPECT_NE(found.indices.at(i, 1), i);
    EXPECT_NE(found.indices.at(i, 0), found.indices.at(i, 1));
  }
}

TEST(NearestNeighbors, OfQueriesAreRowsOfTheDatabase) {
  const Matrix<float> database = grouped_rows(30, 5, 3);
  Matrix<float> query(1, 5);
  std::copy_n(database.row(7), 5, query.row(0));
  const Neighbors found =
      nearest_neighbors(view_of(query), view_of(database), {.neighbors = 2, .normalize = false});
  EXPECT_EQ(found.indices.rows, 1);
  double best = 0;
  for (int64_t j = 0; j < 30; ++j) {
    best = std::max(
        best, double{std::inner_product(query.row(0), query.row(0) + 5, database.row(j), 0.f)});
  }
  EXPECT_NEAR(found.similarities.at(0, 0), best, 1e-4);
}

class ArraysTest : public RunTest {};

TEST_F(ArraysTest, SayWhatIsWrong) {
  Matrix<float> rows = grouped_rows(4, 3, 2);
  EXPECT_EQ(fault_of([&] { nearest_neighbors(view_of(rows), {.neighbors = 4}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { nearest_neighbors(view_of(rows), {.neighbors = 0}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { nearest_neighbors(RowsView{}, {.neighbors = 1}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { nearest_neighbors(view_of(rows), {.neighbors = 1, .memory_mb = 0}); }),
            Fault::usage);
  const Matrix<float> many(500'000, 1);
  EXPECT_EQ(fault_of([&] { nearest_neighbors(view_of(many), {.neighbors = 499'999}); }),
            Fault::system);
  rows.at(1, 1) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(fault_of([&] { nearest_neighbors(view_of(rows), {.neighbors = 1}); }), Fault::data);
  EXPECT_EQ(fault_of([&] { agreement(std::vector{0, 1}, std::vector{0}); }), Fault::data);
  EXPECT_EQ(fault_of([&] { agreement(std::vector{-1}, std::vector{0}); }), Fault::data);
  EXPECT_EQ(fault_of([&] { agreement({}, {}); }), Fault::data);
  EXPECT_EQ(fault_of([&] { load_weights(root / "none.pth"); }), Fault::system);
  EXPECT_EQ(fault_of([&] { linear_model(root); }), Fault::usage);
}

TEST(Agreement, MatchesClustersToClasses) {
  const Agreement result = agreement(std::vector{0, 0, 1, 1, 2}, std::vector{1, 1, 0, 1, 1});
  EXPECT_DOUBLE_EQ(result.accuracy, 0.6);
  EXPECT_THAT(result.matching, ElementsAre(1, 0, -1));
  EXPECT_DOUBLE_EQ(agreement(std::vector{1, 0}, std::vector{0, 1}).nmi, 1);
}

TEST_F(ArraysTest, ALinearModelGivesTheRunsProbabilities) {
  const Matrix<float> rows = grouped_rows(120, 6, 3);
  write_npy(root / "features.npy", rows);
  const ClusterResult result = cluster({.out = root / "run",
                                        .clusters = 3,
                                        .method = "consensus",
                                        .features = root / "features.npy",
                                        .compute = {.device = "cpu", .threads = 1}});
  const LinearModel model = linear_model(root / "run");
  EXPECT_EQ(model.stage, "consensus");
  EXPECT_EQ(model.clusters.size(), 3u);
  const Matrix<float> probable = probabilities(model, view_of(rows));
  ASSERT_EQ(probable.values.size(), result.probabilities.values.size());
  for (size_t i = 0; i < probable.values.size(); ++i) {
    EXPECT_NEAR(probable.values[i], result.probabilities.values[i], 1e-5);
  }
  // A row alone gives the same bits.
  const Matrix<float> alone = logits(model, {rows.row(9), 1, 6});
  const Matrix<float> all = logits(model, view_of(rows));
  EXPECT_TRUE(std::equal(alone.values.begin(), alone.values.end(), all.row(9)));
  EXPECT_EQ(fault_of([&] { logits(model, {rows.row(0), 1, 5}); }), Fault::usage);
}

TEST_F(ArraysTest, WeightsAreThoseOfTheFile) {
  const Model model({.backbone = testing_models::slim_backbone()}, 1);
  write_safetensors(root / "weights.safetensors", model.state_dict(), {});
  const std::vector<NamedArray> arrays = load_weights(root / "weights.safetensors");
  const StateDict state = model.state_dict();
  ASSERT_EQ(arrays.size(), state.size());
  for (const NamedArray& array : arrays) {
    const at::Tensor* tensor = find_tensor(state, array.name);
    ASSERT_TRUE(tensor) << array.name;
    EXPECT_EQ(array.shape, tensor->sizes().vec());
    EXPECT_EQ(array.size, tensor->nbytes());
    EXPECT_EQ(std::memcmp(array.bytes.get(), tensor->contiguous().const_data_ptr(), array.size), 0);
    EXPECT_EQ(array.type, tensor->dim() == 0 ? "int64" : "float32");
  }
}

}  // namespace
}  // namespace nolabel
