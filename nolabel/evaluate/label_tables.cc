#include "nolabel/evaluate/label_tables.h"

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/evaluate/contingency.h"

namespace nolabel {
namespace {

double share(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::vector<ClassRow> class_table(const Matrix<int64_t>& counts, const std::vector<int>& matching) {
  NOLABEL_ASSERT(static_cast<int64_t>(matching.size()) == counts.rows);
  const std::vector<int64_t> cluster_sizes = row_sums(counts), class_sizes = column_sums(counts);
  std::vector<ClassRow> table(counts.columns);
  for (int c = 0; c < counts.columns; ++c) {
    table[c].class_index = c;
    table[c].images = class_sizes[c];
  }
  for (int k = 0; k < counts.rows; ++k) {
    if (matching[k] < 0) continue;
    ClassRow& row = table[matching[k]];
    const int64_t common = counts.at(k, row.class_index);
    row.cluster = k;
    row.recall = share(common, row.images);
    row.precision = share(common, cluster_sizes[k]);
    row.f1 = share(2 * common, row.images + cluster_sizes[k]);
  }
  return table;
}

std::vector<ClusterRow> cluster_table(const Matrix<int64_t>& counts,
                                      const std::vector<int>& matching) {
  NOLABEL_ASSERT(static_cast<int64_t>(matching.size()) == counts.rows);
  const std::vector<int64_t> sizes = row_sums(counts);
  std::vector<ClusterRow> table(counts.rows);
  for (int k = 0; k < counts.rows; ++k) {
    ClusterRow& row = table[k];
    row.cluster = k;
    row.images = sizes[k];
    row.matched_class = matching[k];
    if (sizes[k] == 0) continue;
    const int64_t* first = counts.row(k);
    const int64_t* most = std::max_element(first, first + counts.columns);
    row.majority_class = static_cast<int>(most - first);
    row.purity = share(*most, sizes[k]);
  }
  return table;
}

Matrix<float> confusion_matrix(const Matrix<int64_t>& counts, const std::vector<int>& matching) {
  NOLABEL_ASSERT(static_cast<int64_t>(matching.size()) == counts.rows);
  const std::vector<int64_t> class_sizes = column_sums(counts);
  const bool surplus = std::find(matching.begin(), matching.end(), -1) != matching.end();
  Matrix<float> confusion(counts.columns, counts.columns + (surplus ? 1 : 0));
  for (int64_t k = 0; k < counts.rows; ++k) {
    const int64_t column = matching[k] >= 0 ? matching[k] : counts.columns;
    for (int64_t c = 0; c < counts.columns; ++c) {
      confusion.at(c, column) += static_cast<float>(share(counts.at(k, c), class_sizes[c]));
    }
  }
  return confusion;
}

}  // namespace nolabel
