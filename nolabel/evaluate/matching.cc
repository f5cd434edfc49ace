#include "nolabel/evaluate/matching.h"

#include <limits>

namespace nolabel {
namespace {

constexpr int64_t kInfinity = std::numeric_limits<int64_t>::max() / 4;

// Minimises a sum of costs by shortest augmenting paths (Jonker and Volgenant 1987), one row after
// another. Requires rows <= columns. Row and column 0 are sentinels of the search.
class Assigner {
 public:
  explicit Assigner(const Matrix<int64_t>& cost)
      : cost_(cost),
        row_potential_(cost.rows + 1),
        column_potential_(cost.columns + 1),
        row_of_column_(cost.columns + 1),
        previous_(cost.columns + 1) {}

  // The column of each row.
  std::vector<int> solve() {
    for (int row = 1; row <= cost_.rows; ++row) augment(row);
    std::vector<int> column_of_row(cost_.rows, -1);
    for (int j = 1; j <= cost_.columns; ++j) {
      if (row_of_column_[j] > 0) column_of_row[row_of_column_[j] - 1] = j - 1;
    }
    return column_of_row;
  }

 private:
  // Dijkstra on reduced costs from `row` to the nearest free column, then flips the path.
  void augment(int row) {
    std::vector<int64_t> distance(cost_.columns + 1, kInfinity);
    std::vector<bool> done(cost_.columns + 1, false);
    row_of_column_[0] = row;
    int column = 0;
    do {
      done[column] = true;
      column = relax(column, distance, done);
    } while (row_of_column_[column] != 0);
    for (; column != 0; column = previous_[column]) {
      row_of_column_[column] = row_of_column_[previous_[column]];
    }
  }

  // Extends the search from the row that holds `column`, shifts the potentials by the step and
  // returns the nearest column not yet done.
  int relax(int column, std::vector<int64_t>& distance, const std::vector<bool>& done) {
    const int row = row_of_column_[column];
    int nearest = 0;
    int64_t step = kInfinity;
    for (int j = 1; j <= cost_.columns; ++j) {
      if (done[j]) continue;
      const int64_t reduced = cost_.at(row - 1, j - 1) - row_potential_[row] - column_potential_[j];
      if (reduced < distance[j]) {
        distance[j] = reduced;
        previous_[j] = column;
      }
      if (distance[j] < step) {
        step = distance[j];
        nearest = j;
      }
    }
    for (int j = 0; j <= cost_.columns; ++j) {
      if (done[j]) {
        row_potential_[row_of_column_[j]] += step;
        column_potential_[j] -= step;
      } else {
        distance[j] -= step;
      }
    }
    return nearest;
  }

  const Matrix<int64_t>& cost_;
  std::vector<int64_t> row_potential_, column_potential_;
  std::vector<int> row_of_column_;  // 0: free
  std::vector<int> previous_;       // column before this one on the path
};

}  // namespace

std::vector<int> maximum_matching(const Matrix<int64_t>& scores) {
  const bool transpose = scores.rows > scores.columns;
  Matrix<int64_t> cost(transpose ? scores.columns : scores.rows,
                       transpose ? scores.rows : scores.columns);
  for (int64_t i = 0; i < cost.rows; ++i) {
    for (int64_t j = 0; j < cost.columns; ++j) {
      cost.at(i, j) = -(transpose ? scores.at(j, i) : scores.at(i, j));
    }
  }
  const std::vector<int> matched = Assigner(cost).solve();
  if (!transpose) return matched;
  std::vector<int> result(scores.rows, -1);
  for (size_t i = 0; i < matched.size(); ++i) result[matched[i]] = static_cast<int>(i);
  return result;
}

}  // namespace nolabel
