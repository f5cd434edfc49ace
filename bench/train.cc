// bench_train THREADS PRECISION [DEVICE IMAGES [GRAPH [SEARCH DETERMINISTIC]]]: one SimCLR step of
// ResNet-18 (cifar stem, width 64) on 64 images, 128 views of 32 x 32 that are there already:
// forward, loss, backward, SGD. With DEVICE (cuda), the views lie on it. GRAPH (0 or 1):
// whether the step is recorded and repeated. SEARCH and DETERMINISTIC: whether cuDNN tries its
// algorithms, and takes only those that always sum in the same order.
#include <ATen/ATen.h>

#include <cstdlib>
#include <memory>
#include <numeric>
#include <vector>

#include "measure.h"
#include "network.h"
#include "nolabel/model/device.h"
#include "nolabel/pretext/simclr_task.h"
#include "nolabel/processor/computing.h"
#include "nolabel/train/step.h"

namespace {

using namespace nolabel;

// The same views for every request: making views is a benchmark of its own.
class FixedViews : public InputSource {
 public:
  FixedViews(int64_t images, at::Device device)
      : views_(bench::random_views(2 * images).to(device)) {}
  int64_t size() const override { return views_.size(0) / 2; }
  at::Tensor gather(int, std::span<const ViewOf>) const override { return views_; }
  at::Tensor features(Model& model, const at::Tensor& inputs, ForwardMode mode) const override {
    return model.features(inputs, mode);
  }
  void describe(Group&, Message&) const override {}  // one process trains

 private:
  const at::Tensor views_;
};

}  // namespace

int main(int argc, char** argv) {
  const Computing computing(std::atoi(argv[1]));
  const at::Device device = choose_device(argc > 3 ? argv[3] : "cpu");
  const int64_t images = argc > 4 ? std::atoll(argv[4]) : 64;
  const bool graph = argc <= 5 || std::atoi(argv[5]) != 0;
  if (argc > 6) at::globalContext().setBenchmarkCuDNN(std::atoi(argv[6]) != 0);
  if (argc > 7) at::globalContext().setDeterministicCuDNN(std::atoi(argv[7]) != 0);
  Model model = bench::contrastive_resnet18(bench::precision_named(argv[2]), device);
  SimclrTask task(SimclrSettings{}, std::make_unique<FixedViews>(images, device), {});
  task.choose_parameters(model);
  TrainSettings settings;
  settings.optimizer = {.kind = OptimizerKind::sgd, .weight_decay = 1e-4, .momentum = 0.9};
  settings.cuda_graph = graph;
  TrainingStep step(task, model, settings, single_process(),
                    recording_of_steps(model, settings, *single_process()));

  std::vector<int64_t> samples(static_cast<size_t>(images));
  std::iota(samples.begin(), samples.end(), 0);
  // A GPU works through several steps before it is asked for a number, as in the training loop.
  const int steps = device.is_cuda() ? 20 : 1;
  const double seconds = bench::seconds_per_call([&] {
    LossValues loss;
    for (int i = 0; i < steps; ++i) {
      loss = step.run({.epoch = 0, .first_position = 0, .samples = samples}, 0.01);
    }
    loss.total.item<float>();
  });
  bench::report("train", static_cast<double>(2 * images * steps) / seconds, "views/s");
}
