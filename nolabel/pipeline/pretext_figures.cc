#include "nolabel/pipeline/pretext_figures.h"

#include "nolabel/base/error.h"
#include "nolabel/neighbors/mine.h"
#include "nolabel/neighbors/neighbor_table.h"

namespace nolabel {

PretextFigures pretext_figures(const SubjectSplit& split, const Environment& environment) {
  if (split.labels.empty()) {
    fail_usage("a pretext model is measured by the labels of neighbors. These images have none.");
  }
  constexpr int most = 20;
  const auto count = static_cast<int>(std::min<int64_t>(most, split.mined.size(0) - 1));
  const Matrix<int64_t> table =
      mine_neighbors(
          split.mined,
          {.neighbors = count, .threads = environment.threads, .group = environment.group},
          environment.observer)
          .table;
  std::vector<int> ks;
  for (const int k : {1, 5, most}) {
    if (k <= count) ks.push_back(k);
  }
  const std::vector<double> values = neighbor_accuracy(table, split.labels, ks);
  PretextFigures figures{.images = table.rows, .neighbor_accuracy = {}};
  for (size_t i = 0; i < ks.size(); ++i) figures.neighbor_accuracy[ks[i]] = values[i];
  return figures;
}

}  // namespace nolabel
