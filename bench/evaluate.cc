// bench_evaluate PAIRS.npy: ACC, NMI, AMI and ARI of N images; PAIRS [N,2]: cluster, class.
#include <algorithm>
#include <vector>

#include "measure.h"
#include "nolabel/base/npy.h"
#include "nolabel/evaluate/label_evaluation.h"

int main(int argc, char** argv) {
  using namespace nolabel;
  const Matrix<int64_t> pairs = read_npy_int64(argv[1]);
  std::vector<int> clusters, classes;
  for (int64_t i = 0; i < pairs.rows; ++i) {
    clusters.push_back(static_cast<int>(pairs.at(i, 0)));
    classes.push_back(static_cast<int>(pairs.at(i, 1)));
  }
  const int cluster_count = 1 + *std::max_element(clusters.begin(), clusters.end());
  const int class_count = 1 + *std::max_element(classes.begin(), classes.end());
  const double seconds = bench::seconds_per_call(
      [&] { evaluate_labels(clusters, cluster_count, classes, class_count); });
  bench::report("evaluate", seconds, "s");
}
