#include "nolabel/neighbors/neighbor_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

std::string complaint(const Matrix<int64_t>& table, int64_t images, int num_neighbors) {
  try {
    check_neighbor_table(table, images, num_neighbors);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "";
}

TEST(CheckNeighborTable, SaysWhatDoesNotFit) {
  Matrix<int64_t> table(30, 20);
  EXPECT_EQ(complaint(table, 30, 19), "");
  EXPECT_EQ(complaint(table, 30, 50),
            "num_neighbors must be 1..19 for this table (20 columns). Received 50.");
  EXPECT_EQ(complaint(table, 30, 0),
            "num_neighbors must be 1..19 for this table (20 columns). Received 0.");
  EXPECT_EQ(complaint(table, 31, 5),
            "the neighbor table must have one row per image (31). Received 30.");
  EXPECT_EQ(complaint(Matrix<int64_t>(30, 1), 30, 1),
            "the neighbor table must have 2 columns or more. Received 1.");
  for (const int64_t bad : {-2, 30}) {
    table.at(7, 3) = bad;
    EXPECT_EQ(complaint(table, 30, 5),
              "the neighbor table must name images 0..29 (or -1 for none). Received " +
                  std::to_string(bad) + " in row 7.");
  }
}

// Three images, of which each should have four neighbors.
Matrix<int64_t> padded() {
  Matrix<int64_t> table(3, 5);
  table.values = {0,  1,  2, -1, -1,  //
                  -1, 1,  0, -1, 2,   //
                  2,  -1, 1, -1, -1};
  return table;
}

TEST(CheckNeighborTable, TakesPaddingButNoRowOfIt) {
  Matrix<int64_t> table = padded();
  EXPECT_EQ(complaint(table, 3, 4), "");
  for (int64_t j = 0; j < 5; ++j) table.at(1, j) = no_neighbor;
  EXPECT_EQ(complaint(table, 3, 4),
            "the neighbor table must name at least one image in each row. Row 1 has only -1.");
}

TEST(MovePaddingBack, KeepsTheOrderOfTheImages) {
  Matrix<int64_t> table = padded();
  EXPECT_THAT(move_padding_back(table), testing::ElementsAre(3, 3, 2));
  EXPECT_THAT(table.values,
              testing::ElementsAre(0, 1, 2, -1, -1, 1, 0, 2, -1, -1, 2, 1, -1, -1, -1));
}

TEST(NeighborAccuracy, CountsOnlyNeighborsThatAreThere) {
  const std::vector<int> labels{0, 0, 1};
  // Column 1: 1 (same), 1 (itself), none. Columns 1 and 2: also 2 (other), 0 (same), 1 (other).
  EXPECT_THAT(neighbor_accuracy(padded(), labels, {1, 2, 4}),
              testing::ElementsAre(1.0, 3.0 / 5, 3.0 / 6));
  Matrix<int64_t> alone(2, 2);
  alone.values = {0, -1, 1, -1};
  EXPECT_THAT(neighbor_accuracy(alone, {0, 1}, {1}), testing::ElementsAre(0.0));
}

TEST(NeighborAccuracy, IsTheShareOfEqualLabelsWithoutColumnZero) {
  Matrix<int64_t> table(4, 3);
  table.values = {0, 1, 2,   // a: a b
                  0, 1, 3,   // a: column 0 is another image; a b
                  2, 3, 0,   // b: b a
                  3, 2, 2};  // b: b b
  const std::vector<int> labels{0, 0, 1, 1};
  EXPECT_THAT(neighbor_accuracy(table, labels, {1, 2}), testing::ElementsAre(1.0, 5.0 / 8));
}

}  // namespace
}  // namespace nolabel
