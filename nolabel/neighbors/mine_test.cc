#include "nolabel/neighbors/mine.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// Directions on a quarter circle, one degree apart: neighbors are the neighboring degrees.
at::Tensor fan(int64_t rows) {
  const at::Tensor angle = at::arange(rows, at::kFloat) * 0.01745f;
  return at::stack({angle.cos(), angle.sin()}, 1);
}

TEST(MineNeighbors, StartsWithTheImageItselfThenTheNearest) {
  const Matrix<int64_t> table =
      mine_neighbors(fan(80), {.neighbors = 2, .normalise = true}, {}).table;
  ASSERT_EQ(table.rows, 80);
  ASSERT_EQ(table.columns, 3);
  for (int64_t i = 1; i < 79; ++i) {
    EXPECT_EQ(table.at(i, 0), i);
    EXPECT_EQ(table.at(i, 1) + table.at(i, 2), 2 * i);
  }
}

TEST(MineNeighbors, PutsTheLowerOfTwoDuplicatesFirst) {
  const at::Tensor twice = at::cat({fan(10), fan(10)});
  const Matrix<int64_t> table = mine_neighbors(twice, {.neighbors = 1}, {}).table;
  for (int64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(table.at(i, 0), i % 10);
    EXPECT_EQ(table.at(i, 1), i % 10 + 10);
  }
}

TEST(MineNeighbors, NeedsMoreImagesThanNeighbors) {
  const auto message = [](int64_t images, int neighbors) -> std::string {
    try {
      mine_neighbors(fan(images), {.neighbors = neighbors}, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(5, 20), "the number of neighbors must be 1..4 for 5 images. Received 20.");
  EXPECT_EQ(message(5, 0), "the number of neighbors must be 1..4 for 5 images. Received 0.");
  EXPECT_EQ(message(1, 1), "mining must have 2 images or more. Received 1.");
  EXPECT_EQ(message(5, 4), "");
}

}  // namespace
}  // namespace nolabel
