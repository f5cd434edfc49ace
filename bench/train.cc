// bench_train THREADS PRECISION: one SimCLR step of ResNet-18 (cifar stem, width 64) on 64 images,
// 128 views of 32 x 32 that are there already: forward, loss, backward, SGD.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cstdlib>
#include <memory>
#include <numeric>
#include <vector>

#include "measure.h"
#include "network.h"
#include "nolabel/pretext/simclr_task.h"
#include "nolabel/train/step.h"

namespace {

using namespace nolabel;

constexpr int64_t kImages = 64;

// The same views for every request: making views is a benchmark of its own.
class FixedViews : public InputSource {
 public:
  int64_t size() const override { return kImages; }
  at::Tensor gather(int, std::span<const ViewOf>) const override { return views_; }
  at::Tensor features(Model& model, const at::Tensor& inputs, ForwardMode mode) const override {
    return model.features(inputs, mode);
  }

 private:
  const at::Tensor views_ = bench::random_views(2 * kImages);
};

}  // namespace

int main(int argc, char** argv) {
  at::set_num_threads(std::atoi(argv[1]));
  Model model = bench::contrastive_resnet18(bench::precision_named(argv[2]));
  SimclrTask task(SimclrSettings{}, std::make_unique<FixedViews>(), {});
  task.choose_parameters(model);
  TrainSettings settings;
  settings.batch_size = kImages;
  settings.optimizer = {.kind = OptimizerKind::sgd, .weight_decay = 1e-4, .momentum = 0.9};
  TrainingStep step(task, model, settings);

  std::vector<int64_t> samples(kImages);
  std::iota(samples.begin(), samples.end(), 0);
  const double seconds = bench::seconds_per_call(
      [&] { step.run({.epoch = 0, .first_position = 0, .samples = samples}, 0.01); });
  bench::report("train", 2 * kImages / seconds, "views/s");
}
