// bench_backbones THREADS NETWORK: photos' views of 224 x 224 through a backbone with random
// weights in bf16, in batches as `cluster` has them, without gradient. NETWORK: vit-s14, resnet50
// or lite0.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstdlib>
#include <map>

#include "measure.h"
#include "network.h"
#include "nolabel/neighbors/feature_bank.h"
#include "nolabel/processor/computing.h"

int main(int argc, char** argv) {
  using namespace nolabel;
  if (argc != 3) fail_usage("bench_backbones needs THREADS and NETWORK.");
  const std::map<std::string, BackboneDescription> networks{
      {"vit-s14", {"vit", {{"patch", "14"}, {"grid", "37"}, {"layer_scale", "yes"}}}},
      {"resnet50", {"resnet50", {{"stem", "imagenet"}}}},
      {"lite0", {"efficientnet-lite0", {}}}};
  const Computing computing(std::atoi(argv[1]));
  Model model({.kind = ModelSettings::Kind::clustering, .backbone = networks.at(argv[2])},
              /*seed=*/1);
  model.place(at::kCPU, Precision::bf16);
  ViewRecipe recipe;
  recipe.size = 224;
  const int64_t images = bank_batch_size(recipe, at::kCPU);
  const at::Tensor views =
      at::randn({images, 3, recipe.size, recipe.size}).contiguous(at::MemoryFormat::ChannelsLast);
  const c10::NoGradGuard no_gradients;
  const double seconds =
      bench::seconds_per_call([&] { model.features(views, ForwardMode::evaluate); });
  bench::report("features", static_cast<double>(images) / seconds, "images/s");
}
