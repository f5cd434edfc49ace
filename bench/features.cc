// bench_features THREADS PRECISION: ResNet-18 (cifar stem, width 64) on batches of 128 views of
// 32 x 32, without gradient.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstdlib>

#include "measure.h"
#include "network.h"
#include "nolabel/processor/computing.h"

int main(int argc, char** argv) {
  using namespace nolabel;
  const Computing computing(std::atoi(argv[1]));
  Model model = bench::contrastive_resnet18(bench::precision_named(argv[2]));
  const at::Tensor views = bench::random_views(128);
  const c10::NoGradGuard no_gradients;
  const double seconds =
      bench::seconds_per_call([&] { model.features(views, ForwardMode::evaluate); });
  bench::report("features", 128 / seconds, "images/s");
}
