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
  for (const int64_t bad : {-1, 30}) {
    table.at(7, 3) = bad;
    EXPECT_EQ(complaint(table, 30, 5), "the neighbor table must name images 0..29. Received " +
                                           std::to_string(bad) + " in row 7.");
  }
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
