#include "nolabel/pipeline/estimate.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>

namespace nolabel {
namespace {

// Forward, and two products of the same size backward.
constexpr double training_cost = 3;

}  // namespace

double measure_forward_rate(const BackboneDescription& backbone, int image_size,
                            const Environment& environment) {
  constexpr int64_t batch = 32;
  const c10::NoGradGuard no_grad;
  Model model({.kind = ModelSettings::Kind::clustering, .backbone = backbone}, 0);
  model.place(environment.device, environment.precision);
  const at::Tensor views =
      at::randn({batch, 3, image_size, image_size})
          .to(environment.device, at::kFloat, false, true, at::MemoryFormat::ChannelsLast);
  double seconds = 0;
  for (int repetition = 0; repetition < 2; ++repetition) {  // the first one warms up
    const auto start = std::chrono::steady_clock::now();
    model.features(views, ForwardMode::evaluate).sum().item<float>();
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  return batch / std::max(seconds, 1e-9);
}

double estimate_seconds(Effort effort, const ClusterSettings& settings, int64_t images,
                        double forward_views_per_second) {
  const double pretext = effort == Effort::quick ? 0 : 2.0 * settings.pretext.train.epochs;
  double forward = 3;  // features for mining, figures, report
  double trained = pretext;
  if (settings.scan.cached_views > 0) {
    forward += settings.scan.cached_views;  // self-labelling draws from the same
  } else {
    trained += 2.0 * settings.scan.train.epochs + settings.selflabel.train.epochs;
    forward += settings.scan.train.epochs + settings.selflabel.train.epochs;  // validation, weak
  }
  return static_cast<double>(images) * (forward + training_cost * trained) /
         forward_views_per_second;
}

}  // namespace nolabel
