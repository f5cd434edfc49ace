#include "nolabel/neighbors/neighbor_table.h"

#include <algorithm>

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
    int64_t named = 0;
    for (int64_t j = 0; j < table.columns; ++j) {
      const int64_t neighbor = table.at(i, j);
      named += neighbor != no_neighbor;
      if (neighbor == no_neighbor || (neighbor >= 0 && neighbor < images)) continue;
      fail_usage(
          "the neighbor table must name images 0..{} (or -1 for none). Received {} in row {}.",
          images - 1, neighbor, i);
    }
    if (named == 0) {
      fail_usage("the neighbor table must name at least one image in each row. Row {} has only -1.",
                 i);
    }
  }
}

std::vector<int64_t> move_padding_back(Matrix<int64_t>& table) {
  std::vector<int64_t> named;
  named.reserve(table.rows);
  for (int64_t i = 0; i < table.rows; ++i) {
    int64_t* row = table.row(i);
    int64_t* end = std::remove(row, row + table.columns, no_neighbor);
    named.push_back(end - row);
    std::fill(end, row + table.columns, no_neighbor);
  }
  return named;
}

std::vector<double> neighbor_accuracy(const Matrix<int64_t>& table, const std::vector<int>& labels,
                                      const std::vector<int>& ks) {
  NOLABEL_ASSERT(static_cast<int64_t>(labels.size()) == table.rows && table.rows > 0);
  std::vector<int64_t> agreeing(table.columns, 0), named(table.columns, 0);  // by column
  for (int64_t i = 0; i < table.rows; ++i) {
    for (int64_t j = 1; j < table.columns; ++j) {
      if (table.at(i, j) == no_neighbor) continue;
      ++named[j];
      agreeing[j] += labels[table.at(i, j)] == labels[i];
    }
  }
  std::vector<double> accuracies;
  for (const int k : ks) {
    NOLABEL_ASSERT(k >= 1 && k < table.columns);
    int64_t sum = 0, all = 0;
    for (int j = 1; j <= k; ++j) {
      sum += agreeing[j];
      all += named[j];
    }
    accuracies.push_back(all == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(all));
  }
  return accuracies;
}

}  // namespace nolabel
