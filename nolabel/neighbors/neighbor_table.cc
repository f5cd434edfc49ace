#include "nolabel/neighbors/neighbor_table.h"

#include "nolabel/base/error.h"

namespace nolabel {

void check_neighbor_table(const Matrix<int64_t>& table, int64_t images, int num_neighbors) {
  if (table.rows != images) {
    fail_usage("the neighbor table must have one row per image ({}). Received {}.", images,
               table.rows);
  }
  if (table.columns < 2) {
    fail_usage("the neighbor table must have 2 columns or more. Received {}.", table.columns);
  }
  if (num_neighbors < 1 || num_neighbors >= table.columns) {
    fail_usage("num_neighbors must be 1..{} for this table ({} columns). Received {}.",
               table.columns - 1, table.columns, num_neighbors);
  }
  for (int64_t i = 0; i < table.rows; ++i) {
    for (int64_t j = 0; j < table.columns; ++j) {
      if (table.at(i, j) >= 0 && table.at(i, j) < images) continue;
      fail_usage("the neighbor table must name images 0..{}. Received {} in row {}.", images - 1,
                 table.at(i, j), i);
    }
  }
}

std::vector<double> neighbor_accuracy(const Matrix<int64_t>& table, const std::vector<int>& labels,
                                      const std::vector<int>& ks) {
  NOLABEL_ASSERT(static_cast<int64_t>(labels.size()) == table.rows && table.rows > 0);
  std::vector<int64_t> agreeing(table.columns, 0);  // by column
  for (int64_t i = 0; i < table.rows; ++i) {
    for (int64_t j = 1; j < table.columns; ++j) {
      agreeing[j] += labels[table.at(i, j)] == labels[i];
    }
  }
  std::vector<double> accuracies;
  for (const int k : ks) {
    NOLABEL_ASSERT(k >= 1 && k < table.columns);
    int64_t sum = 0;
    for (int j = 1; j <= k; ++j) sum += agreeing[j];
    accuracies.push_back(static_cast<double>(sum) / static_cast<double>(table.rows * k));
  }
  return accuracies;
}

}  // namespace nolabel
