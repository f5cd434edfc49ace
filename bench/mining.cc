// bench_mining THREADS FEATURES.npy K: the exact neighbor table [N,K+1] of features [N,D].
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cstdlib>

#include "measure.h"
#include "nolabel/base/npy.h"
#include "nolabel/neighbors/mine.h"

int main(int argc, char** argv) {
  using namespace nolabel;
  MiningOptions options;
  options.threads = std::atoi(argv[1]);
  options.neighbors = std::atoi(argv[3]);
  at::set_num_threads(options.threads);

  Matrix<float> values = read_npy_float(argv[2]);
  const at::Tensor features =
      at::from_blob(values.values.data(), {values.rows, values.columns}, at::kFloat);
  const double seconds =
      bench::seconds_per_call([&] { mine_neighbors(features, options, Observer{}); }, 1);
  bench::report("mining", seconds, "s");
}
