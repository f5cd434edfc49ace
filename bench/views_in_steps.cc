// bench_views_in_steps THREADS PRECISION WIDTH MADE [DEVICE IMAGES]: SimCLR steps of ResNet-18
// (cifar stem) on views that are drawn for each step: views per second, and the share of the time
// that the steps wait for their views. MADE says where views are made: "in-step" in the step,
// before it computes; "beside" on another thread while the step before computes. On a GPU (DEVICE
// cuda) the training loop does the second, on a CPU the first.
#include <ATen/ATen.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "measure.h"
#include "network.h"
#include "nolabel/base/ahead.h"
#include "nolabel/model/device.h"
#include "nolabel/pretext/simclr_task.h"
#include "nolabel/processor/computing.h"
#include "nolabel/train/step.h"

namespace {

using namespace nolabel;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// On a CPU no step of nolabel makes inputs beside another one. Here they are: when the views of an
// epoch of one step are taken, those of the next epoch begin to be made.
class ViewsBeside : public InputSource {
 public:
  explicit ViewsBeside(std::unique_ptr<InputSource> views) : views_(std::move(views)) {}
  int64_t size() const override { return views_->size(); }
  at::Tensor gather(int epoch, std::span<const ViewOf> views) const override {
    at::Tensor made = ahead_.begun() ? ahead_.take() : views_->gather(epoch, views);
    ahead_.begin([this, next = epoch + 1, wanted = std::vector(views.begin(), views.end())] {
      return views_->gather(next, wanted);
    });
    return made;
  }
  at::Tensor features(Model& model, const at::Tensor& inputs, ForwardMode mode) const override {
    return views_->features(model, inputs, mode);
  }
  void describe(Group&, Message&) const override {}  // one process trains

 private:
  const std::unique_ptr<InputSource> views_;
  mutable Ahead<at::Tensor> ahead_;
};

Dataset smooth_images(int64_t count) {
  const at::Tensor coarse = at::rand({count, 3, 8, 8});
  const at::Tensor pixels = (at::upsample_bilinear2d(coarse, {32, 32}, false) * 255)
                                .to(at::kByte)
                                .permute({0, 2, 3, 1})
                                .contiguous();
  std::vector<Image> images(count, Image(32, 32));
  for (int64_t i = 0; i < count; ++i) {
    const auto* first = pixels[i].const_data_ptr<uint8_t>();
    images[i].pixels.assign(first, first + 32 * 32 * 3);
  }
  return make_dataset(images, std::vector<std::string>(count));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const int threads = std::atoi(argv[1]);
  const Computing computing(threads);
  const Precision precision = bench::precision_named(argv[2]);
  const bool beside = std::string(argv[4]) == "beside";
  const at::Device device = choose_device(argc > 5 ? argv[5] : "cpu");
  const int64_t images = argc > 6 ? std::atoll(argv[6]) : 64;

  ModelSettings network;
  network.backbone.parameters["width"] = argv[3];
  Model model(network, /*seed=*/1);
  model.place(device, precision);
  const Dataset dataset = smooth_images(images);
  std::unique_ptr<InputSource> views = std::make_unique<ImageViews>(
      dataset, ViewRecipe{.strategy = Strategy::simclr}, 1, StageNumber::simclr, threads);
  if (beside && device.is_cpu()) views = std::make_unique<ViewsBeside>(std::move(views));
  SimclrTask task(SimclrSettings{}, std::move(views), {});
  task.choose_parameters(model);
  TrainSettings settings;
  settings.optimizer = {.kind = OptimizerKind::sgd, .weight_decay = 1e-4, .momentum = 0.9};
  TrainingStep step(task, model, settings, single_process(),
                    recording_of_steps(model, settings, *single_process()));

  std::vector<int64_t> samples(static_cast<size_t>(images));
  std::iota(samples.begin(), samples.end(), 0);
  int epoch = 0;
  // A GPU works through several steps before it is asked for a number, as in the training loop.
  const auto steps = [&](int count) {
    LossValues loss;
    for (int i = 0; i < count; ++i, ++epoch) {
      const SampleRange batch{.epoch = epoch, .first_position = 0, .samples = samples};
      const SampleRange next{.epoch = epoch + 1, .first_position = 0, .samples = samples};
      loss = step.run(batch, 0.01, beside ? std::optional(next) : std::nullopt);
    }
    loss.total.item<float>();
  };
  constexpr int at_once = 20;
  constexpr double measured_seconds = 5;
  constexpr int64_t least_steps = 3;
  steps(device.is_cuda() ? at_once : 2);  // warms up
  const double waited_before = step.seconds_waited();
  const auto start = Clock::now();
  int64_t done = 0;
  while (seconds_since(start) < measured_seconds || done < least_steps) {
    steps(device.is_cuda() ? at_once : 1);
    done += device.is_cuda() ? at_once : 1;
  }
  const double seconds = seconds_since(start);
  bench::report_waiting("views in steps", static_cast<double>(2 * images * done) / seconds,
                        "views/s", (step.seconds_waited() - waited_before) / seconds);
}
