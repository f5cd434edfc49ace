// bench_head_selection THREADS IMAGES DIMENSIONS CLUSTERS HEADS: SCAN's validation, without labels,
// of so many heads on a frozen backbone's features, with 5 neighbors an image.
#include <ATen/ATen.h>

#include <chrono>
#include <cstdlib>

#include "measure.h"
#include "nolabel/base/random.h"
#include "nolabel/cluster/head_selection.h"
#include "nolabel/processor/computing.h"

int main(int argc, char** argv) {
  using namespace nolabel;
  if (argc != 6) return 2;
  const Computing computing(std::atoi(argv[1]));
  const int64_t images = std::atoll(argv[2]);
  const int dimensions = std::atoi(argv[3]);
  Model model({.kind = ModelSettings::Kind::clustering,
               .backbone = given_features(dimensions),
               .clusters = std::atoi(argv[4]),
               .heads = std::atoi(argv[5])},
              1);
  const at::Tensor features = at::rand({images, dimensions});
  Matrix<int64_t> neighbors(images, 6);
  Random random(1, Purpose::sample);
  for (int64_t& neighbor : neighbors.values) neighbor = static_cast<int64_t>(random.below(images));
  bench::report("features", bench::peak_mb(), "MB");
  const auto start = std::chrono::steady_clock::now();
  score_heads(model, features, neighbors);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  bench::report("head_selection", seconds.count(), "s");
}
