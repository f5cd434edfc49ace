// bench_mining THREADS FEATURES.npy K: the exact neighbor table [N,K+1] of features [N,D].
// bench_mining THREADS FEATURES.npy K exact|ivf|hnsw: one search, for large tables; its recall too.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "measure.h"
#include "nolabel/base/npy.h"
#include "nolabel/neighbors/mine.h"

namespace {

using namespace nolabel;

Search search_of(const std::string& name) {
  return name == "ivf" ? Search::ivf : name == "hnsw" ? Search::hnsw : Search::exact;
}

void search_once(const at::Tensor& features, const MiningOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto [table, recall] = mine_neighbors(features, options, Observer{});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  bench::report("mining", seconds.count(), "s");
  bench::report("recall", recall.value_or(1), "share");
}

}  // namespace

int main(int argc, char** argv) {
  MiningOptions options;
  options.threads = std::atoi(argv[1]);
  options.neighbors = std::atoi(argv[3]);
  at::set_num_threads(options.threads);

  Matrix<float> values = read_npy_float(argv[2]);
  const at::Tensor features =
      at::from_blob(values.values.data(), {values.rows, values.columns}, at::kFloat);
  if (argc > 4) {
    options.search = search_of(argv[4]);
    search_once(features, options);
    return 0;
  }
  const double seconds =
      bench::seconds_per_call([&] { mine_neighbors(features, options, Observer{}); }, 1);
  bench::report("mining", seconds, "s");
}
