// bench_kmeans THREADS FEATURES.npy CLUSTERS: k-means of features [N,D] with ten starts, as
// `cluster` and `eval` run it beside the models.
#include "nolabel/cluster/kmeans.h"

#include <ATen/ATen.h>

#include <chrono>
#include <cstdlib>

#include "measure.h"
#include "nolabel/base/npy.h"
#include "nolabel/processor/computing.h"

int main(int argc, char** argv) {
  using namespace nolabel;
  if (argc != 4) return 2;
  const Computing computing(std::atoi(argv[1]));
  Matrix<float> rows = read_npy_float(argv[2]);
  const at::Tensor features =
      at::from_blob(rows.values.data(), {rows.rows, rows.columns}, at::kFloat);
  const auto start = std::chrono::steady_clock::now();
  kmeans(features, {.clusters = std::atoi(argv[3])}, {});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  bench::report("kmeans", seconds.count(), "s");
}
