// bench_mining THREADS FEATURES.npy K: the exact neighbor table [N,K+1] of features [N,D].
// bench_mining THREADS FEATURES.npy K exact|ivf|hnsw [NAME=VALUE...]: one search, for large tables;
// its recall too, and its effort (probes or breadth). NAME: recall, or a whole number of
// MiningOptions.
#include <ATen/ATen.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "measure.h"
#include "nolabel/base/npy.h"
#include "nolabel/neighbors/mine.h"
#include "nolabel/processor/computing.h"

namespace {

using namespace nolabel;

Search search_of(const std::string& name) {
  return name == "ivf" ? Search::ivf : name == "hnsw" ? Search::hnsw : Search::exact;
}

// False for a name that is none.
bool set_option(const std::string& assignment, MiningOptions& options) {
  const std::map<std::string, int*> numbers = {{"lists", &options.lists},
                                               {"probes", &options.probes},
                                               {"links", &options.links},
                                               {"build_breadth", &options.build_breadth},
                                               {"breadth", &options.breadth}};
  const auto equals = assignment.find('=');
  const std::string name = assignment.substr(0, equals);
  const double value = equals == std::string::npos ? 0 : std::atof(&assignment[equals + 1]);
  if (name == "recall") {
    options.recall = value;
  } else if (name == "parallel_build") {
    options.parallel_build = value != 0;
  } else if (numbers.contains(name)) {
    *numbers.at(name) = static_cast<int>(value);
  } else {
    return false;
  }
  return true;
}

void search_once(const at::Tensor& features, const MiningOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto [table, recall, effort] = mine_neighbors(features, options, Observer{});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  bench::report("mining", seconds.count(), "s");
  bench::report("recall", recall.value_or(1), "share");
  if (effort) bench::report("effort", *effort, "");
}

}  // namespace

int main(int argc, char** argv) {
  MiningOptions options;
  options.threads = std::atoi(argv[1]);
  options.neighbors = std::atoi(argv[3]);
  const Computing computing(options.threads);

  Matrix<float> values = read_npy_float(argv[2]);
  const at::Tensor features =
      at::from_blob(values.values.data(), {values.rows, values.columns}, at::kFloat);
  if (argc > 4) {
    options.search = search_of(argv[4]);
    for (int i = 5; i < argc; ++i) {
      if (set_option(argv[i], options)) continue;
      std::fprintf(stderr, "bench_mining: %s is no option of mining\n", argv[i]);
      return 2;
    }
    search_once(features, options);
    return 0;
  }
  const double seconds =
      bench::seconds_per_call([&] { mine_neighbors(features, options, Observer{}); }, 1);
  bench::report("mining", seconds, "s");
}
